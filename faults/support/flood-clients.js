/**
 * A program of its own: clients that log in without pause, each over its own connection.
 * Arguments: a JSON object with `url`, `connections`, `seconds`, and `form`, with `#` for a number that changes.
 * `users` makes that number count up to this limit; `addresses` makes each connection claim another address.
 * Prints a line when all are connected, and at the end what was answered, as JSON.
 */
import { Agent, request } from 'node:http';
import { setPriority } from 'node:os';
import { highest, quantile } from './figures.js';

// A real flood comes from other machines. Here it shares the cores with its target, so it has a lower priority.
setPriority(10);

const {
  url,
  connections,
  seconds,
  form,
  users = 1,
  addresses = false,
} = JSON.parse(process.argv[2]);
const target = new URL('/token', url);
const answers = new Map();
let count = 0;
let withoutRetryAfter = 0;
let broken = 0;

function body() {
  const fields = Object.entries(form).map(([name, value]) => [
    name,
    value.replace('#', String((count % users) + 1)),
  ]);
  count++;
  return new URLSearchParams(fields).toString();
}

function logIn(agent, address) {
  const text = body();
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Content-Length': text.length,
    ...(addresses && { 'X-Forwarded-For': address }),
  };
  const begin = performance.now();
  return new Promise((resolve) => {
    const sent = request(target, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => {
        const { statusCode: status } = response;
        if (status !== 200 && status !== 401 && !(Number(response.headers['retry-after']) > 0))
          withoutRetryAfter++;
        if (!answers.has(status)) answers.set(status, []);
        answers.get(status).push({ ms: performance.now() - begin });
        resolve();
      });
    });
    sent.on('error', () => {
      broken++;
      setTimeout(resolve, 100);
    });
    sent.end(text);
  });
}

const deadline = performance.now() + seconds * 1_000;
async function client(i) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const address = `198.51.${i >> 8}.${i & 255}`;
  while (performance.now() < deadline) await logIn(agent, address);
  agent.destroy();
}

process.stdout.write('begun\n');
await Promise.all(Array.from({ length: connections }, (_, i) => client(i)));
const byStatus = [...answers].map(([status, all]) => ({
  status,
  count: all.length,
  p99: quantile(all, 0.99),
  slowest: highest(all),
}));
process.stdout.write(`${JSON.stringify({ byStatus, withoutRetryAfter, broken })}\n`);
