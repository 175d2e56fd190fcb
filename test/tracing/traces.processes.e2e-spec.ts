import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { productVersion } from '../../src/common/version.js';
import { addUsers } from '../support/add-users.js';
import { PASSWORD, SECRET_KEY } from '../support/create-test-app.js';
import { OtlpCollector, type ReceivedSpan } from '../support/otlp-collector.js';
import { freePort } from '../support/postgres.js';
import { runService, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { refresh, tokensIn } from '../support/sessions.js';
import { withoutUsersTable } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { kind } from '../support/test-database.js';
import { until } from '../support/until.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SECRET_HEADER = 'a-secret-for-the-collector';

/** Sends spans without batching them. */
const AT_ONCE = { OTEL_BSP_SCHEDULE_DELAY: '20' };

let folder: TemporaryFolder;
let collector: OtlpCollector;
beforeAll(async () => {
  folder = new TemporaryFolder();
  await addUsers(folder, [{ username: 'alex', hashed_password: bcrypt.hashSync(PASSWORD, 10) }]);
});
afterAll(() => folder.remove());

const start = (changes: Record<string, string> = {}) =>
  startService(folder, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...AT_ONCE, ...changes });

/** The spans of the work, once the request's own is among them: it ends last. */
async function spansOf(work: () => Promise<unknown>, name: string): Promise<ReceivedSpan[]> {
  const before = collector.spans.length;
  await work();
  const root = await until(
    () => collector.spans.slice(before).find((span) => span.name === name) ?? false,
  );
  return collector.spans.filter(({ traceId }) => traceId === root.traceId);
}

const namesOf = (spans: ReceivedSpan[]) => spans.map(({ name }) => name).sort();
const requestLines = ({ log }: ServiceProcess) => log.filter(({ msg }) => msg === 'request');

describe('With OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  let service: ServiceProcess;
  beforeAll(async () => {
    collector = await OtlpCollector.start();
    service = await start({
      LOG_LEVEL: 'trace',
      MAIL_DIR: folder.join('mail'),
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET_HEADER}`,
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    });
  });
  afterAll(async () => {
    await service.end();
    collector.stop();
  });

  it('a login is a trace: the request, its statements, and the hash', async () => {
    const spans = await spansOf(() => logIn(service.url), 'POST /token');
    expect(namesOf(spans)).toEqual([
      'POST /token',
      'SELECT attempt_counters',
      'SELECT users',
      // The reservation of a check, its release, and the session.
      ...['TRANSACTION', 'TRANSACTION', 'TRANSACTION'],
      'hash password',
      'wait for a core',
    ]);
    const root = spans.find(({ name }) => name === 'POST /token')!;
    expect(root).toMatchObject({
      kind: 2,
      parentSpanId: '',
      status: 0,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/token',
        'http.response.status_code': 200,
      },
    });
    for (const span of spans) {
      expect(span.parentSpanId).toBe(span === root ? '' : root.spanId);
      expect(span.duration).toBeLessThanOrEqual(root.duration);
    }
    const summary = 'UPDATE users; INSERT sessions; INSERT audit_entries';
    const opening = spans.find(({ attributes }) => attributes['db.query.summary'] === summary);
    expect(opening).toMatchObject({
      kind: 3,
      attributes: {
        'db.system.name': kind().toLowerCase(),
        'db.operation.name': 'TRANSACTION',
        'db.operation.batch.size': 3,
        'db.query.summary': summary,
      },
    });
    expect(spans.find(({ name }) => name === 'SELECT users')).toMatchObject({
      kind: 3,
      attributes: { 'db.operation.name': 'SELECT', 'db.collection.name': 'users' },
    });
  });

  it('names the sender, and sends the configured headers', async () => {
    const [span] = await spansOf(() => fetch(`${service.url}/health/live`), 'GET /health/live');
    expect(span!.resource).toMatchObject({
      'service.name': 'latchkey',
      'service.version': productVersion(),
      'deployment.environment.name': 'test',
    });
    expect(collector.requests[0]).toMatchObject({
      path: '/v1/traces',
      headers: { 'content-type': 'application/x-protobuf', authorization: SECRET_HEADER },
    });
  });

  it("continues the caller's trace", async () => {
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    const [span] = await spansOf(
      () => fetch(`${service.url}/health/live`, { headers: { traceparent } }),
      'GET /health/live',
    );
    expect(span).toMatchObject({ traceId: TRACE, parentSpanId: PARENT });
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-${PARENT}-01`, `ff-${TRACE}-${PARENT}-01`])(
    'begins a new trace for the traceparent %s',
    async (traceparent) => {
      const [span] = await spansOf(
        () => fetch(`${service.url}/health/live`, { headers: { traceparent } }),
        'GET /health/live',
      );
      expect(span!.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(span).toMatchObject({ parentSpanId: '' });
      expect(span!.traceId).not.toBe(TRACE);
    },
  );

  it('sends nothing for a trace that the caller does not sample', async () => {
    const unsampled = TRACE.replaceAll('4', '5');
    const traceparent = `00-${unsampled}-${PARENT}-00`;
    await fetch(`${service.url}/users/me`, { headers: { traceparent } });
    await spansOf(() => fetch(`${service.url}/health/live`), 'GET /health/live');
    expect(collector.spans.map(({ traceId }) => traceId)).not.toContain(unsampled);
  });

  it('the log names the trace, in the line of the request and in what happened', async () => {
    const [{ traceId }] = (await spansOf(() => logIn(service.url), 'POST /token')) as [
      ReceivedSpan,
    ];
    const lines = await until(() => {
      const found = service.log.filter((line) => line.trace_id === traceId);
      return found.length > 1 && found;
    });
    expect(lines).toEqual([
      expect.objectContaining({ event: 'login_succeeded' }),
      expect.objectContaining({ msg: 'request', route: '/token' }),
    ]);
  });

  it('a failing database is an error of its statement and of the request', async () => {
    const spans = await withoutUsersTable(folder, () =>
      spansOf(() => logIn(service.url), 'POST /token'),
    );
    expect(spans.find(({ name }) => name === 'SELECT users')).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'other' },
    });
    expect(spans.find(({ name }) => name === 'POST /token')).toMatchObject({
      status: 2,
      attributes: { 'http.response.status_code': 503, 'error.type': '503' },
    });
  });

  it('a refusal is not an error', async () => {
    const spans = await spansOf(() => logIn(service.url, { password: 'wrong' }), 'POST /token');
    expect(spans.map(({ status }) => status)).toEqual(spans.map(() => 0));
  });

  it('mail that is delivered is a trace of its own', async () => {
    const body = JSON.stringify({ username: 'mailed', password: PASSWORD, email: 'm@example.com' });
    const headers = { 'Content-Type': 'application/json' };
    const spans = await spansOf(
      () => fetch(`${service.url}/users`, { method: 'POST', headers, body }),
      'send mail',
    );
    expect(spans).toMatchObject([
      { kind: 3, attributes: { 'latchkey.mail.kind': 'verify_email' } },
    ]);
  });

  it('background work is not a trace', () => {
    // It has polled for mail every second meanwhile, and for keys.
    expect(collector.spans.filter(({ name }) => /outgoing_mails|signing_keys/.test(name))).toEqual(
      [],
    );
  });

  it('nothing in a span, and nothing logged about it, is secret or identifies the user', async () => {
    const secret = 'a-secret-nobody-may-read';
    const { access_token, refresh_token } = await tokensIn(await logIn(service.url));
    await readProfile(service.url, access_token);
    await refresh(service.url, refresh_token);
    await refresh(service.url, secret);
    await logIn(service.url, { username: secret, password: secret, client_id: secret });
    await fetch(`${service.url}/${secret}?${secret}`);
    await fetch(`${service.url}/users/me?access_token=${secret}`);
    await fetch(`${service.url}/users/me/sessions/${secret}`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${access_token}`, 'User-Agent': secret },
    });
    await fetch(`${service.url}/users/me`, { headers: { baggage: `a=${secret}` } });
    await withoutUsersTable(folder, async () => {
      await logIn(service.url);
      await refresh(service.url, refresh_token);
    });
    await service.end();

    const sent = Buffer.concat(collector.bodies).toString('latin1');
    expect(collector.spans.length).toBeGreaterThan(20);
    const [, payload = ''] = access_token.split('.');
    const { sid } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sid: string };
    for (const text of [
      secret,
      PASSWORD,
      access_token,
      refresh_token,
      sid,
      SECRET_KEY,
      'alex',
      '127.0.0.1',
    ]) {
      expect(sent).not.toContain(text);
    }
    expect(service.lines.join('\n')).not.toContain(SECRET_HEADER);
    expect(service.lines.join('\n')).not.toContain(collector.url);
    expect(service.errors).toEqual([]);
  });
});

describe('The standard variables', () => {
  beforeEach(async () => void (collector = await OtlpCollector.start()));
  afterEach(() => collector.stop());

  it('OTEL_SDK_DISABLED=true sends nothing', async () => {
    const service = await start({ OTEL_SDK_DISABLED: 'true' });
    await readProfile(service.url, await accessTokenFrom(service.url));
    await service.end();
    expect(collector.requests).toEqual([]);
  });

  it('OTEL_TRACES_SAMPLER_ARG sets the ratio, and the last batch is sent at the end', async () => {
    const service = await start({
      OTEL_BSP_SCHEDULE_DELAY: '60000',
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.5',
    });
    for (let i = 0; i < 100; i++) await fetch(`${service.url}/health/live`);
    expect(collector.requests).toEqual([]);
    expect(await service.end()).toBe(0);
    expect(collector.spans.length).toBeGreaterThan(20);
    expect(collector.spans.length).toBeLessThan(80);
  });

  it('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, also in .env, is the whole address', async () => {
    const own = new TemporaryFolder();
    writeFileSync(
      own.join('.env'),
      `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${collector.url}/here\nOTEL_SERVICE_NAME=named\n`,
    );
    const service = await startService(own, AT_ONCE);
    const [span] = await spansOf(() => fetch(`${service.url}/health/live`), 'GET /health/live');
    await service.end();
    await own.remove();
    expect(collector.requests[0]!.path).toBe('/here');
    expect(span!.resource).toMatchObject({ 'service.name': 'named' });
  });

  it('an unsupported value is reported, but does not prevent the start', async () => {
    const service = await start({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    await fetch(`${service.url}/health/live`);
    await service.end();
    expect(service.log.filter(({ level }) => level === 40)).toMatchObject([
      { msg: 'No traces are sent: OTEL_EXPORTER_OTLP_PROTOCOL asks for another way' },
    ]);
    expect(collector.requests).toEqual([]);
  });

  it('an endpoint that is not a URL ends the start, which does not print it', async () => {
    const endpoint = 'collector.example.com:4318';
    const { status, stderr } = await runService(folder, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(status).toBe(78);
    expect(stderr).toContain('OTEL_EXPORTER_OTLP_ENDPOINT: expected an http or https URL');
    expect(stderr).not.toContain(endpoint);
  });
});

describe('A collector', () => {
  beforeEach(async () => void (collector = await OtlpCollector.start()));
  afterEach(() => collector.stop());

  it('that is missing changes no answer, and causes one warning', async () => {
    const port = await freePort();
    const service = await start({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
      OTEL_EXPORTER_OTLP_TIMEOUT: '50',
    });
    for (let i = 0; i < 20; i++) {
      expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
    }
    const warnings = () => service.log.filter(({ level }) => Number(level) >= 40);
    await until(() => warnings().length > 0);
    for (let i = 0; i < 20; i++) await fetch(`${service.url}/health/live`);
    expect(await service.end()).toBe(0);
    expect(warnings()).toMatchObject([{ msg: 'traces not delivered; this is said once' }]);
    expect(service.errors).toEqual([]);
  });

  it('that refuses spans changes no answer either', async () => {
    collector.status = 401;
    const service = await start();
    await until(async () => {
      expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
      return service.log.some(({ msg }) => String(msg).startsWith('traces not delivered'));
    });
    await service.end();
    expect(requestLines(service).every(({ status }) => status === 200)).toBe(true);
  });

  it('that never answers delays neither a request nor the end for long', async () => {
    collector.status = undefined;
    const service = await start();
    const began = performance.now();
    for (let i = 0; i < 20; i++) await fetch(`${service.url}/health/live`);
    await until(() => collector.requests.length > 0);
    expect(requestLines(service).every(({ ms }) => Number(ms) < 1_000)).toBe(true);
    const ending = performance.now();
    expect(await service.end()).toBe(0);
    expect(performance.now() - ending).toBeLessThan(6_000);
    expect(ending - began).toBeLessThan(8_000);
  });
});
