import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { HeldHashing } from '../support/held-hashing.js';
import { KeepAliveClient } from '../support/keep-alive-client.js';
import { until } from '../support/until.js';

const HALF_A_BODY =
  'POST /token HTTP/1.1\r\nHost: latchkey\r\nContent-Length: 100\r\n' +
  'Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=alex';

describe('MAX_CONNECTIONS=2', () => {
  let app: TestApp;
  const sockets: Socket[] = [];
  const clients: KeepAliveClient[] = [];

  beforeEach(async () => {
    app = await createTestApp({ MAX_CONNECTIONS: '2' });
    await app.createUser();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const client of clients.splice(0)) client.close();
    await app.close();
  });

  function makeClient(): KeepAliveClient {
    const client = new KeepAliveClient(app.url);
    clients.push(client);
    return client;
  }

  /** Opens a connection and sends these bytes. */
  async function open(bytes: string): Promise<Socket> {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    socket.write(bytes);
    return socket;
  }

  it('closes an idle connection to make room, the one that has been idle for longest', async () => {
    const [first, second] = [makeClient(), makeClient()];
    const third = await open('');
    const ended = once(third, 'close');
    expect((await first.get('/users/me')).status).toBe(401);
    expect((await second.get('/users/me')).status).toBe(401);
    await ended;
    // Both are still open.
    expect((await first.get('/users/me')).headers.connection).toBe('keep-alive');
    expect((await second.get('/users/me')).status).toBe(401);
  });

  it('lets nobody be locked out by clients that send nothing', async () => {
    for (let i = 0; i < 20; i++) await open(i % 2 ? '' : 'GET /health/live HTTP/1.1\r\nHost: ');
    expect((await makeClient().get('/users/me')).status).toBe(401);
  });

  it('lets nobody be locked out by clients that never finish', async () => {
    const halves = await Promise.all(Array.from({ length: 20 }, () => open(HALF_A_BODY)));
    expect((await makeClient().get('/users/me')).status).toBe(401);
    await until(() => halves.filter(({ closed }) => !closed).length <= 2);
  });

  it('answers 503 with Retry-After where all are busy, but a health check as always', async () => {
    const held = new HeldHashing(app);
    let isOver = false;
    const busy = [makeClient(), makeClient()].map(async (client) => {
      const login = { username: 'alex', password: PASSWORD };
      // After some seconds in line they are refused, and retry; at that moment one may have to make room.
      while (!isOver) await client.post('/token', login).catch(() => undefined);
    });
    await held.waitForDepth(2);
    const refused = await until(async () => {
      const answer = await makeClient().get('/users/me');
      return answer.text.includes('Too many connections') && answer;
    });
    expect(refused.status).toBe(503);
    expect(refused.headers).toMatchObject({ 'retry-after': '1', connection: 'close' });
    await held.waitForDepth(2);
    expect((await makeClient().get('/health/ready')).status).toBe(200);
    isOver = true;
    held.release();
    await Promise.all(busy);
    expect((await makeClient().get('/users/me')).status).toBe(401);
  });
});
