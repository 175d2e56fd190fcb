import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, runService, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom, logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const CLOSE = { Connection: 'close' };

/** The processes that this one has started. */
function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Sends a request on a separate connection. @returns its outcome, as it changes */
function endOf(url: string): { end?: 'answered' | 'closed' } {
  const result: { end?: 'answered' | 'closed' } = {};
  fetch(url, { headers: CLOSE }).then(
    () => (result.end = 'answered'),
    () => (result.end = 'closed'),
  );
  return result;
}

describe('WORKERS=2', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;

  beforeEach(async () => {
    folder = new TemporaryFolder();
    service = await startService(folder, { WORKERS: '2' });
    await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], { input: PASSWORD });
  });
  afterEach(async () => {
    await service.end('SIGKILL');
    await folder.remove();
  });

  const readProfile = (token: string) =>
    fetch(`${service.url}/users/me`, { headers: { ...CLOSE, Authorization: `Bearer ${token}` } });

  /** Sends the request, on new connections, until each worker has answered one. @returns their statuses */
  async function statusFromEach(request: () => Promise<Response>): Promise<number[]> {
    const answers = new Map<unknown, number>();
    await until(async () => {
      const response = await request();
      await response.arrayBuffer();
      const id = response.headers.get('X-Request-Id');
      const line = await until(() => service.log.find((entry) => isEndOf(entry, id)) ?? false);
      answers.set(line.worker, response.status);
      return answers.size === 2;
    });
    return [...answers.values()];
  }

  const isEndOf = (entry: Record<string, unknown>, id: string | null) =>
    entry.msg === 'request' && entry.request_id === id;

  it('serves one port with two processes, and logs once that it listens', async () => {
    expect(childrenOf(service.child.pid)).toHaveLength(2);
    expect(
      await statusFromEach(() => fetch(`${service.url}/health/ready`, { headers: CLOSE })),
    ).toEqual([200, 200]);
    expect(service.lines.filter((line) => line.includes('Listening on'))).toHaveLength(1);
  });

  it('a logout at one is known to the other at once', async () => {
    const token = await accessTokenFrom(service.url);
    expect(await statusFromEach(() => readProfile(token))).toEqual([200, 200]);
    await fetch(`${service.url}/revoke`, { method: 'POST', body: new URLSearchParams({ token }) });
    const headers = { Authorization: `Bearer ${token}` };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${service.url}/users/me`, { headers: { ...CLOSE, ...headers } }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(401));
  });

  it('a worker that dies is replaced, and the other serves meanwhile', async () => {
    const [dead, other] = childrenOf(service.child.pid);
    const token = await accessTokenFrom(service.url);
    process.kill(dead!, 'SIGKILL');
    // Until it is noticed, a connection that was handed to the dead one is cut.
    await until(() => service.log.some(({ signal }) => signal === 'SIGKILL'));
    expect((await readProfile(token)).status).toBe(200);
    await until(() => childrenOf(service.child.pid).length === 2);
    expect(childrenOf(service.child.pid)).toContain(other);
    expect(await statusFromEach(() => readProfile(token))).toEqual([200, 200]);
    expect(service.log).toContainEqual(
      expect.objectContaining({
        level: 50,
        signal: 'SIGKILL',
        msg: expect.stringContaining('worker'),
      }),
    );
  });

  it('a connection in transit to one that dies is closed, not left without an answer', async () => {
    const [dead] = childrenOf(service.child.pid);
    // It accepts no connection from here on, but still gets every second one.
    process.kill(dead!, 'SIGSTOP');
    const ends = Array.from({ length: 4 }, () => endOf(`${service.url}/health/live`));
    await until(() => ends.some(({ end }) => end === 'answered'));
    process.kill(dead!, 'SIGKILL');
    await until(() => ends.every(({ end }) => end !== undefined));
    expect(ends).toContainEqual({ end: 'closed' });
  });

  it('SIGTERM lets both finish what is in flight, and ends with 0', async () => {
    const logins = Promise.all(Array.from({ length: 4 }, () => logIn(service.url)));
    await until(async () => (await fetch(`${service.url}/health/live`)).ok);
    const workers = childrenOf(service.child.pid);
    const status = service.end();
    expect((await logins).map((response) => response.status)).toEqual([200, 200, 200, 200]);
    expect(await status).toBe(0);
    expect(workers.filter(isAlive)).toEqual([]);
    expect(service.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
  });

  it('no worker outlives the process that started it', async () => {
    const workers = childrenOf(service.child.pid);
    await service.end('SIGKILL');
    await until(() => workers.filter(isAlive).length === 0);
  });
});

describe('WORKERS', () => {
  let folder: TemporaryFolder;

  beforeEach(() => {
    folder = new TemporaryFolder();
  });
  afterEach(async () => {
    await folder.remove();
  });

  it('what is wrong with the configuration is reported once, with status 78', async () => {
    const { status, stderr } = await runService(folder, { WORKERS: '3', BCRYPT_COST: '4' });
    expect(status).toBe(78);
    expect(stderr.match(/BCRYPT_COST/g)).toHaveLength(1);
  });

  it('a bad number is reported with other problems', async () => {
    const { status, stderr } = await runService(folder, { WORKERS: '0', BCRYPT_COST: '4' });
    expect(status).toBe(78);
    expect(stderr).toMatch(/WORKERS: expected a whole number from 1 to 99, or auto/);
    expect(stderr).toMatch(/BCRYPT_COST/);
  });

  it('is refused with a database in memory, of which each process would have its own', async () => {
    const { status, stderr } = await runService(folder, {
      WORKERS: '2',
      DATABASE_URL: 'sqlite://',
    });
    expect(status).toBe(78);
    expect(stderr).toMatch(/WORKERS: expected 1/);
  });
});
