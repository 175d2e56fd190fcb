import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD } from '../support/create-test-app.js';
import { idleConnection, isRefused } from '../support/connections.js';
import { type ServiceProcess, startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { kind } from '../support/test-database.js';
import { until } from '../support/until.js';

describe('SIGTERM', () => {
  let hash: string;
  let folder: TemporaryFolder;
  let service: ServiceProcess;
  const sockets: Socket[] = [];

  beforeAll(async () => {
    // Takes long enough to be certainly in flight when the signal arrives.
    hash = await bcrypt.hash(PASSWORD, 13);
  });
  beforeEach(async () => {
    folder = new TemporaryFolder();
    await addUsers(folder, [{ username: 'alex', hashed_password: hash }]);
    service = await startService(folder);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await service.end('SIGKILL');
    await folder.remove();
  });

  /** Opens a connection, and sends the beginning of a request that keeps it in flight. */
  async function beginRequest(bytes: string) {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    sockets.push(socket);
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => (received += text));
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(bytes);
    // Connections are read in turn: after this answer the bytes above have been seen.
    await fetch(`${service.url}/health/live`);
    const ended = once(socket, 'close').then(() => received);
    return { socket, ended };
  }

  const expectNoErrorsInLog = () => {
    expect(service.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
    expect(service.errors).toEqual([]);
  };

  it('ends an idle service at once with status 0, and its database files are whole', async () => {
    expect(await service.end()).toBe(0);
    expect(readdirSync(folder.path)).toEqual(kind() === 'SQLite' ? ['users.db'] : []);
    expectNoErrorsInLog();
  });

  it('handles SIGINT the same way', async () => {
    expect(await service.end('SIGINT')).toBe(0);
  });

  it('still answers a login in flight', async () => {
    const login = logIn(service.url);
    await fetch(`${service.url}/health/live`);
    const status = service.end();
    expect((await login).status).toBe(200);
    expect(await status).toBe(0);
    const requests = service.log.filter(({ route }) => route === '/token');
    expect(requests).toEqual([expect.objectContaining({ status: 200 })]);
    expectNoErrorsInLog();
  });

  it('refuses new connections, and reports on an open one that it is not ready', async () => {
    const { socket, ended } = await beginRequest(
      'GET /health/ready HTTP/1.1\r\nHost: latchkey\r\n',
    );
    const status = service.end();
    await until(() => isRefused(service.url));
    socket.write('\r\n');
    expect(await ended).toMatch(/^HTTP\/1\.1 503 [^]*\r\nRetry-After: \d+\r\n/i);
    expect(await status).toBe(0);
  });

  it('is still alive while it drains', async () => {
    const { socket, ended } = await beginRequest('GET /health/live HTTP/1.1\r\nHost: latchkey\r\n');
    const status = service.end();
    await until(() => isRefused(service.url));
    socket.write('\r\n');
    expect(await ended).toMatch(/^HTTP\/1\.1 200 /);
    expect(await status).toBe(0);
  });

  it('ends idle connections at once, since nobody else takes over', async () => {
    const { closed } = await idleConnection(service.url);
    const start = performance.now();
    expect(await service.end()).toBe(0);
    // Idle ones would end on their own after this time.
    expect(performance.now() - start).toBeLessThan(5_000);
    await closed;
  });

  it('is not delayed past 10 s by requests that are never finished, nor begun', async () => {
    const silent = await beginRequest('');
    const { ended } = await beginRequest(
      'POST /token HTTP/1.1\r\nHost: latchkey\r\nContent-Length: 100\r\n' +
        'Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=alex',
    );
    const start = performance.now();
    expect(await service.end()).toBe(0);
    expect(performance.now() - start).toBeLessThan(10_000);
    await Promise.all([ended, silent.ended]);
    expect(service.errors).toEqual([]);
  });
});
