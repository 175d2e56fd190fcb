import { Agent, get } from 'node:http';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { createClient, addUsers, startService, stop } from './setup.js';
import { accessTokensFor, addSessions } from './sessions.js';

const FOLLOWERS = 1_000;

/** A logout while 1,000 clients follow the feed. @returns when the first and the last of them know, in milliseconds */
export async function measureFeed(folder) {
  const { child, url } = await startService(folder);
  await addUsers(folder, 10);
  const authorization = await createClient(folder, 'follower');
  const [token] = await accessTokensFor(url, addSessions(folder, 1));
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const read = async (query) => {
    const request = get(`${url}/revocations?${query}`, { agent, headers: { authorization } });
    const [response] = await once(request, 'response');
    return JSON.parse(await text(response));
  };
  const { cursor } = await read('');
  let waiting = 0;
  const followers = Array.from({ length: FOLLOWERS }, async () => {
    await read(`since=${cursor}`);
    waiting++;
    const { revoked } = await read(`since=${cursor}&wait=25`);
    return { at: performance.now(), revoked };
  });
  while (waiting < FOLLOWERS) await read('');
  const begin = performance.now();
  const answer = await fetch(`${url}/users/me/sessions?current=true`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${token}` },
  });
  if (answer.status !== 204) throw new Error(`The logout was answered with ${answer.status}`);
  const told = await Promise.all(followers);
  if (told.some(({ revoked }) => revoked.length !== 1)) throw new Error('A follower got no news');
  const times = told.map(({ at }) => Math.round(at - begin));
  agent.destroy();
  await stop({ child });
  return { slowest: Math.max(...times), quickest: Math.min(...times) };
}
