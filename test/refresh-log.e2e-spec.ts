import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { PASSWORD } from './support/create-test-app.js';
import { runCli, type ServiceProcess, startService } from './support/processes.js';
import { logIn } from './support/requests.js';
import {
  openSession,
  refresh,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
} from './support/sessions.js';
import { TemporaryFolder } from './support/temporary-folder.js';

describe('The log of sessions', () => {
  const folder = new TemporaryFolder();
  let service: ServiceProcess;
  const given: TokenAnswer[] = [];

  beforeAll(async () => {
    await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], { input: PASSWORD });
    service = await startService(folder, { LOG_LEVEL: 'trace' });
  });
  afterAll(async () => {
    await service.end();
    folder.remove();
  });

  /** What the security log says of some work: event, user, address and reason, line by line. */
  async function eventsOf(work: () => Promise<unknown>): Promise<unknown[]> {
    const before = service.lines.length;
    await work();
    return service.log
      .slice(before)
      .filter(({ event }) => event !== undefined)
      .map(({ event, username, ip, reason }) => [event, username, ip, reason]);
  }
  const open = async () => {
    const tokens = await openSession(service.url);
    given.push(tokens);
    return tokens;
  };
  const renew = async (tokens: TokenAnswer) => {
    const renewed = await refreshed(service.url, tokens);
    given.push(renewed);
    return renewed;
  };
  const send = (token: string, form = {}) => refresh(service.url, token, form);
  const here = ['alex', '127.0.0.1'];

  it('has a login and each refresh, with user and address', async () => {
    expect(await eventsOf(async () => renew(await open()))).toEqual([
      ['login_succeeded', ...here, undefined],
      ['token_refreshed', ...here, undefined],
    ]);
  });

  it('has no success of a login whose session could not be opened', async () => {
    const other = new BetterSqlite3(folder.join('users.db'));
    other.exec('BEGIN IMMEDIATE');
    try {
      expect(
        await eventsOf(async () => expect((await logIn(service.url)).status).toBe(503)),
      ).toEqual([['login_unavailable', ...here, 'database']]);
    } finally {
      other.close();
    }
  });

  it('has what is wrong with a token, and of whom, where the token tells', async () => {
    const ended = await open();
    await requestSessions(service.url, ended, 'DELETE', '?current=true');
    const labelled = await openSession(service.url, { client_id: 'shop' });
    given.push(labelled);
    expect(
      await eventsOf(async () => {
        await send('garbage\n{"event":"forged"}');
        await send(ended.refresh_token);
        await send(labelled.refresh_token, { client_id: 'till' });
      }),
    ).toEqual([
      ['refresh_refused', undefined, '127.0.0.1', 'malformed'],
      ['refresh_refused', ...here, 'revoked'],
      ['refresh_refused', ...here, 'other_client'],
    ]);
  });

  it('has the reuse of a token as an event of its own, once', async () => {
    const first = await open();
    await renew(await renew(first));
    expect(
      await eventsOf(async () => {
        await send(first.refresh_token);
        await send(first.refresh_token);
      }),
    ).toEqual([
      ['refresh_reuse', ...here, 'reuse'],
      ['refresh_refused', ...here, 'revoked'],
    ]);
  });

  it('has the end of sessions, and by which way', async () => {
    const [first, second] = [await open(), await open()];
    expect(
      await eventsOf(async () => {
        await requestSessions(service.url, first, 'DELETE', `/${sidOf(second)}`);
        await requestSessions(service.url, first, 'DELETE');
        await requestSessions(service.url, first, 'DELETE', '?current=true');
        await requestSessions(service.url, first);
      }),
    ).toEqual([
      ['session_ended', ...here, 'logout'],
      ['session_ended', ...here, 'logout_elsewhere'],
      ['session_ended', ...here, 'logout_everywhere'],
      ['token_refused', ...here, 'session_over'],
    ]);
  });

  it('never has a token, nor a part of one', async () => {
    await service.end();
    const log = service.lines.join('\n');
    expect(given.length).toBeGreaterThan(8);
    for (const { access_token, refresh_token } of given) {
      expect(log).not.toContain(refresh_token.slice(-40));
      expect(log).not.toContain(access_token.split('.')[2]);
    }
    expect(log).not.toContain('"forged"');
  });
});
