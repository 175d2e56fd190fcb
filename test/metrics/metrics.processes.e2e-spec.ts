import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD } from '../support/create-test-app.js';
import { expectProblem } from '../support/expect-errors.js';
import { MODULES, runService, type ServiceProcess, startService } from '../support/processes.js';
import { sendRaw } from '../support/raw-http.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { type Samples, scrape } from '../support/scrape.js';
import { refresh, tokensIn } from '../support/sessions.js';
import { withoutUsersTable } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-for-the-scraper-of-32-characters-or-more';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = new TemporaryFolder();
  const hashed_password = bcrypt.hashSync(PASSWORD, 10);
  await addUsers(folder, [
    { username: 'alex', hashed_password },
    { username: 'idle', hashed_password, disabled: true },
  ]);
});
afterAll(() => folder.remove());

/** The URL of the metrics of a service with a separate port. */
const metricsUrlOf = ({ lines }: ServiceProcess) =>
  String(/http:\S+\/metrics/.exec(lines.join('\n'))?.[0].replace(/".*/, ''));

/** The modules that a service had loaded when it ended, after a login. */
async function modulesOf(environment: Record<string, string>): Promise<string> {
  const list = folder.join('modules.txt');
  const service = await startService(
    folder,
    {
      NODE_OPTIONS: `--import=${resolve('test/support/list-modules.js')}`,
      LIST_MODULES_TO: list,
      ...environment,
    },
    MODULES.main,
  );
  await readProfile(service.url, await accessTokenFrom(service.url));
  await service.end();
  return readFileSync(list, 'utf8');
}

describe('Without METRICS_TOKEN and METRICS_PORT', () => {
  it('/metrics is an unknown path like any other', async () => {
    const service = await startService(folder);
    const response = await fetch(`${service.url}/metrics`);
    await expectProblem(response, {
      status: 404,
      title: 'Not Found',
      code: 'not_found',
      detail: 'Not Found',
    });
    await service.end();
  });

  it('nothing is loaded for them, nor for traces', async () => {
    const modules = await modulesOf({});
    expect(modules).toContain('node_modules/bcrypt/');
    expect(modules).not.toMatch(/node_modules\/(prom-client|@opentelemetry)\//);
  });

  it('and the list of loaded modules would show it', async () => {
    const on = { METRICS_TOKEN: TOKEN, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    const modules = await modulesOf(on);
    expect(modules).toContain('node_modules/prom-client/');
    expect(modules).toContain('node_modules/@opentelemetry/sdk-trace-node/');
  });
});

describe('With METRICS_TOKEN', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    service = await startService(folder, { METRICS_TOKEN: TOKEN, LOG_LEVEL: 'trace' });
  });
  afterAll(() => service.end());

  const get = (headers: Record<string, string>, method = 'GET') =>
    fetch(`${service.url}/metrics`, { method, headers });

  it('/metrics on the main port answers in the text format of Prometheus', async () => {
    const response = await get({ Authorization: `Bearer ${TOKEN}` });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toContain('# TYPE latchkey_logins_total counter\n');
  });

  it('answers HEAD as GET, without the body', async () => {
    const response = await get({ Authorization: `Bearer ${TOKEN}` }, 'HEAD');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  it.each([
    ['nothing', {}],
    ['another token', { Authorization: `Bearer ${TOKEN.replace('a', 'b')}` }],
    ['the beginning of it', { Authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than it', { Authorization: `Bearer ${TOKEN} x` }],
    ['another scheme', { Authorization: `Basic ${TOKEN}` }],
    ['the bare token', { Authorization: TOKEN }],
  ])('refuses %s with a challenge', async (_, headers: Record<string, string>) => {
    const response = await get(headers);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    await expectProblem(response, {
      status: 401,
      title: 'Unauthorized',
      code: 'not_authenticated',
      detail: 'Metrics need METRICS_TOKEN as a bearer token',
    });
  });

  it("refuses a user's access token, and the token in the URL", async () => {
    const token = await accessTokenFrom(service.url);
    expect((await get({ Authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await fetch(`${service.url}/metrics?token=${TOKEN}`)).status).toBe(401);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('refuses %s', async (method) => {
    const response = await get({ Authorization: `Bearer ${TOKEN}` }, method);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('is not in the log, and neither is what was sent instead', async () => {
    await get({ Authorization: `Bearer ${TOKEN}` });
    await get({ Authorization: `Bearer ${TOKEN}wrong` });
    await until(() => service.log.some(({ route }) => route === '/metrics'));
    expect(service.lines.join('\n')).not.toContain(TOKEN);
  });

  it('too short ends the start, which does not print it', async () => {
    const { status, stderr } = await runService(folder, { METRICS_TOKEN: 'short-token' });
    expect(status).toBe(78);
    expect(stderr).toContain('METRICS_TOKEN: expected at least 32 characters');
    expect(stderr).not.toContain('short-token');
  });
});

describe('With METRICS_PORT', () => {
  let service: ServiceProcess;
  let url: string;
  beforeAll(async () => {
    service = await startService(folder, { METRICS_PORT: '0' });
    url = metricsUrlOf(service);
  });
  afterAll(() => service.end());

  it('metrics are served there, on loopback only and without a token, and not on the main port', async () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
    expect((await scrape(url)).get('latchkey_hash_queue_depth')).toBe(0);
    expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
  });

  it('nothing else is served there', async () => {
    const origin = new URL(url).origin;
    for (const path of ['/', '/metricsx', '/token', '/users/me', '/health/live', '/metrics/x']) {
      expect((await fetch(`${origin}${path}`)).status).toBe(404);
    }
    const response = await fetch(url, { method: 'POST', body: 'x' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('both together require the token there, and leave the main port without metrics', async () => {
    const both = await startService(folder, { METRICS_PORT: '0', METRICS_TOKEN: TOKEN });
    const there = metricsUrlOf(both);
    const refused = await fetch(there);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe('Bearer');
    expect((await scrape(there, TOKEN)).size).toBeGreaterThan(50);
    const headers = { Authorization: `Bearer ${TOKEN}` };
    expect((await fetch(`${both.url}/metrics`, { headers })).status).toBe(404);
    await both.end();
  });

  it('a port that is in use ends the start with status 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const { status, stderr } = await runService(folder, { METRICS_PORT: String(port) });
    other.close();
    expect(status).toBe(1);
    expect(stderr).toContain('EADDRINUSE');
  });
});

describe('The metrics', () => {
  let service: ServiceProcess;
  let url: string;
  beforeAll(async () => {
    service = await startService(folder, { METRICS_PORT: '0', MAIL_DIR: folder.join('mail') });
    url = metricsUrlOf(service);
  });
  afterAll(() => service.end());

  /** The samples that the work increases, and by how much. */
  async function changesBy(
    work: () => Promise<unknown>,
    isDone: (change: Record<string, number>) => boolean = hasRequest,
  ): Promise<Record<string, number>> {
    const before = await scrape(url);
    await work();
    return until(async () => {
      const change = difference(before, await scrape(url));
      return isDone(change) && change;
    });
  }

  it.each([
    ['the right password', {}, 'success'],
    ['a wrong password', { password: 'wrong' }, 'wrong_password'],
    ['an unknown user', { username: 'nobody' }, 'wrong_password'],
    ['a disabled user', { username: 'idle' }, 'disabled'],
    ['an unreadable form', { username: '' }, 'malformed'],
  ])('count a login with %s', async (_, form, outcome) => {
    const change = await changesBy(() => logIn(service.url, form));
    const logins = Object.entries(change).filter(([name]) => name.includes('logins_total'));
    expect(logins).toEqual([[`latchkey_logins_total{outcome="${outcome}"}`, 1]]);
  });

  it('count every login that is refused because of earlier ones', async () => {
    const guess = () => logIn(service.url, { username: 'guessed', password: 'wrong' });
    const change = await changesBy(async () => {
      for (let i = 0; i < 8; i++) await guess();
    });
    expect(change).toMatchObject({
      'latchkey_logins_total{outcome="wrong_password"}': 5,
      'latchkey_logins_total{outcome="throttled"}': 3,
      // As in the log: one per minute.
      'latchkey_security_events_total{event="login_throttled"}': 1,
    });
  });

  it('count a login that the database could not serve, and why', async () => {
    const change = await withoutUsersTable(folder, () => changesBy(() => logIn(service.url)));
    expect(change).toMatchObject({
      'latchkey_logins_total{outcome="unavailable"}': 1,
      'latchkey_database_failures_total{kind="other"}': expect.any(Number),
      'latchkey_http_requests_total{method="POST",route="/token",status="503"}': 1,
    });
  });

  it('count refreshes and the ends of sessions', async () => {
    const { refresh_token } = await tokensIn(await logIn(service.url));
    const change = await changesBy(async () => {
      const next = await tokensIn(await refresh(service.url, refresh_token));
      await refresh(service.url, 'nonsense');
      const body = new URLSearchParams({ token: next.refresh_token });
      await fetch(`${service.url}/revoke`, { method: 'POST', body });
      await refresh(service.url, next.refresh_token);
    });
    expect(change).toMatchObject({
      'latchkey_refreshes_total{outcome="success"}': 1,
      'latchkey_refreshes_total{outcome="malformed"}': 1,
      'latchkey_refreshes_total{outcome="revoked"}': 1,
      'latchkey_sessions_ended_total{reason="revoked"}': 1,
      'latchkey_security_events_total{event="token_refreshed"}': 1,
      'latchkey_database_duration_seconds_count{type="group"}': 1,
    });
  });

  it('time hashes, waits, statements and requests', async () => {
    const change = await changesBy(() => logIn(service.url));
    expect(change).toMatchObject({
      latchkey_hash_duration_seconds_count: 1,
      latchkey_hash_wait_seconds_count: 1,
      // The reservation of a check, its release, and the session.
      'latchkey_database_duration_seconds_count{type="group"}': 3,
      'latchkey_http_request_duration_seconds_count{method="POST",route="/token"}': 1,
    });
    expect(change.latchkey_hash_duration_seconds_sum).toBeGreaterThan(0.01);
    const seconds =
      change['latchkey_http_request_duration_seconds_sum{method="POST",route="/token"}'];
    expect(seconds).toBeGreaterThan(change.latchkey_hash_duration_seconds_sum!);
    expect(seconds).toBeLessThan(30);
  });

  it('count what is mailed', async () => {
    const form = { username: 'mailed', password: PASSWORD, email: 'mailed@example.com' };
    const change = await changesBy(
      () =>
        fetch(`${service.url}/users`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(form),
        }),
      (seen) => 'latchkey_mail_attempts_total{outcome="sent"}' in seen,
    );
    expect(change).toMatchObject({ 'latchkey_mail_attempts_total{outcome="sent"}': 1 });
  });

  it('include the process, the event loop, the version, and what the database contains', async () => {
    const samples = await scrape(url);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(samples.get(`latchkey_build_info{version="${version}"}`)).toBe(1);
    expect(samples.get('latchkey_sessions_live')).toBeGreaterThan(0);
    expect(samples.get('latchkey_mail_outbox_messages')).toBe(0);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(5e7);
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(samples.get('process_start_time_seconds')).toBeGreaterThan(1.7e9);
    expect(samples.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  it('include all that the alert rules use', async () => {
    const rules = readFileSync('deploy/prometheus-alerts.yml', 'utf8');
    const asked = new Set(rules.match(/\b(latchkey|nodejs|process)_\w+/g));
    const text = await (await fetch(url)).text();
    expect(asked.size).toBeGreaterThan(5);
    for (const name of asked) expect(text).toContain(`# TYPE ${name} `);
  });

  it('have no label from a request, and no more of them however many are sent', async () => {
    const odd = 'odd-name-that-nobody-has';
    const provoke = async (i: number) => {
      await fetch(`${service.url}/${odd}/${i}?${odd}=${i}`);
      await fetch(`${service.url}/users/me/sessions/${odd}${i}`, { method: 'DELETE' });
      await logIn(service.url, { username: `${odd}${i}`, client_id: `${odd}${i}` });
      await refresh(service.url, `${odd}${i}`);
      await readProfile(service.url, `${odd}${i}`);
      await sendRaw(
        Number(new URL(service.url).port),
        `PROPFIND / HTTP/1.1\r\nHost: ${odd}${i}\r\nConnection: close\r\n\r\n`,
      );
    };
    await provoke(0);
    const before = await until(async () => {
      const samples = await scrape(url);
      return (
        samples.has(
          'latchkey_http_requests_total{method="_OTHER",route="unmatched",status="404"}',
        ) && samples
      );
    });
    for (let i = 1; i < 4; i++) await provoke(i);
    const after = await scrape(url);
    const ours = (samples: Samples) =>
      [...samples.keys()].filter((name) => name.startsWith('latchkey_'));
    expect(ours(after)).toEqual(ours(before));
    expect(ours(after).join('\n')).not.toMatch(/odd|127\.0\.0\.1|alex/);
    expect(ours(after)).toContain(
      'latchkey_http_request_duration_seconds_count{method="DELETE",route="/users/me/sessions/:id"}',
    );
  });
});

/** A request is counted when its connection has the answer, which may be just after the client has. */
function hasRequest(change: Record<string, number>): boolean {
  return Object.keys(change).some((name) => name.startsWith('latchkey_http_requests_total'));
}

function difference(before: Samples, after: Samples): Record<string, number> {
  const changes = [...after].map(([name, value]): [string, number] => [
    name,
    value - (before.get(name) ?? 0),
  ]);
  return Object.fromEntries(changes.filter(([, change]) => change !== 0));
}
