import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { Deployment } from '../support/deployment.js';
import { readProfile } from '../support/requests.js';
import {
  listSessions,
  openSession,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
} from '../support/sessions.js';

describe('Two instances on one database', () => {
  let service: Deployment;

  beforeAll(async () => {
    service = await Deployment.start(2);
    await createUser('alex');
  });
  afterAll(async () => {
    await service.close();
  });

  const createUser = (name: string) =>
    service.cli(['user', 'create', name, '--password-stdin'], PASSWORD);
  const [here, there] = [() => service.urlOf(0), () => service.urlOf(1)];
  const statusOf = async (url: string, { access_token }: TokenAnswer) =>
    (await readProfile(url, access_token)).status;

  it('open a session as one row with every column', async () => {
    const tokens = await openSession(here());
    const [row] = await service.query(`SELECT * FROM sessions WHERE id = '${sidOf(tokens)}'`);
    const time = expect.closeTo(Date.now(), -5);
    expect(row).toEqual({
      id: sidOf(tokens),
      user_id: 1,
      client_id: null,
      scope: 'profile',
      client_authenticated: 0,
      user_agent: 'node',
      ip: '127.0.0.1',
      created_at: time,
      last_used_at: row?.created_at,
      refresh_counter: 0,
      rotated_at: null,
      tokens_expire_at: expect.closeTo(Date.now() + 15 * 60_000, -5),
      expires_at: Number(row?.created_at) + 30 * 86_400_000,
      revoked_at: null,
      revoked_reason: null,
      revoked_seq: null,
    });
  });

  it('list and end the sessions that the other one opened', async () => {
    await requestSessions(here(), await openSession(here()), 'DELETE');
    const [own] = await Promise.all([openSession(there())]);
    await refreshed(here(), own);
    const listed = await listSessions(here(), own);
    expect(listed.map(({ current }) => current)).toEqual([true, false]);
    expect(listed[0]).toEqual({
      id: sidOf(own),
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      last_used_at: expect.stringMatching(/Z$/),
      user_agent: 'node',
      ip: '127.0.0.1',
      current: true,
    });
    const other = await openSession(here());
    const end = (path: string) => requestSessions(there(), own, 'DELETE', path);
    expect((await end(`/${sidOf(other)}`)).status).toBe(204);
    expect(await statusOf(here(), other)).toBe(401);
    for (const id of [sidOf(other), '%00', `${sidOf(own)}%00`, 'x'.repeat(5_000)]) {
      expect((await end(`/${id}`)).status).toBe(404);
    }
    expect(await statusOf(here(), own)).toBe(200);
    expect((await end('?current=true')).status).toBe(204);
    expect(await statusOf(here(), own)).toBe(401);
  });

  it.each([
    ['set-password', ['--password-stdin'], 401, 'password_changed'],
    ['disable', [], 401, 'user_disabled'],
    ['delete', [], 404, 'user_deleted'],
  ])('see at once what the command line ends: user %s', async (command, args, status, reason) => {
    const username = `to-${command}`;
    await createUser(username);
    const opened = [
      await openSession(here(), { username }),
      await openSession(there(), { username }),
    ];
    expect(await service.cli(['user', command, username, ...args], 'another horse')).toMatchObject({
      status: 0,
    });
    for (const tokens of opened) {
      for (const url of service.urls) expect(await statusOf(url, tokens)).toBe(status);
    }
    const ended = `SELECT DISTINCT revoked_reason FROM sessions WHERE id IN ('${opened.map(sidOf).join(`','`)}')`;
    expect(await service.query(ended)).toEqual([{ revoked_reason: reason }]);
  });
});
