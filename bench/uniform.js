import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { median } from './load.js';
import { addUsers, startMailSink, startService, stop, until } from './setup.js';
import { countMails } from './sessions.js';

const REQUESTS = 200;
const WARM_UP = 40;

const password = 'staple battery horse';
const byAddress = (email) => ({ email });
const ENDPOINTS = [
  ['POST /users', (email) => ({ username: email.replace('@', '-at-'), password, email })],
  ['POST /password-reset', byAddress],
  ['POST /email-verification', byAddress],
];

/**
 * How long requests take for an address that a user has, and for one that nobody has, alternately, while mail is sent
 * to both. For comparison the same with two that nobody has: the effect of chance.
 * @returns for each endpoint the medians in milliseconds
 */
export async function measureUniform(folder) {
  const sink = await startMailSink();
  const service = await startService(folder, {
    // A hash takes less, and hides less.
    BCRYPT_COST: '10',
    REGISTRATION: 'open',
    EMAIL_VERIFICATION: 'required',
    SMTP_URL: sink.url,
    MAIL_FROM: 'latchkey@example.com',
    APP_URL: 'https://app.example.com',
  });
  // An address gets 3 mails an hour, so each is used once at each endpoint.
  await addUsers(folder, REQUESTS + WARM_UP);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const results = [];
  for (const [name, bodyFor] of ENDPOINTS) {
    const path = name.split(' ')[1];
    const ask = async (email) => {
      const begin = performance.now();
      await post(agent, service.url + path, bodyFor(email));
      return performance.now() - begin;
    };
    results.push({ name, ...(await measureInTurns(ask, path)) });
    await until(() => countMails(folder) === 0);
  }
  agent.destroy();
  await stop(service);
  await stop(sink);
  return results;
}

/** The three in a different order each time, so that none always comes after the same one. */
async function measureInTurns(ask, path) {
  const times = { known: [], unknown: [], other: [] };
  const kinds = Object.keys(times);
  for (let i = 1; i <= WARM_UP + REQUESTS; i++) {
    const turns = kinds.toSorted(() => Math.random() - 0.5);
    for (const kind of turns) {
      const time = await ask(addressOf(kind, i, path));
      if (i > WARM_UP) times[kind].push(time);
    }
  }
  return Object.fromEntries(kinds.map((kind) => [kind, median(times[kind])]));
}

/** All of one length. */
function addressOf(kind, i, path) {
  if (kind === 'known') return `user${i}@example.com`;
  const where = path.replace(/\W/g, '').slice(0, 3);
  return kind === 'unknown' ? `${where}a${i}@example.com` : `${where}b${i}@example.com`;
}

async function post(agent, url, body) {
  const headers = { 'content-type': 'application/json' };
  const sent = request(url, { agent, method: 'POST', headers });
  sent.end(JSON.stringify(body));
  const [response] = await once(sent, 'response');
  const answer = await text(response);
  if (response.statusCode !== 202) throw new Error(`${response.statusCode}: ${answer}`);
}
