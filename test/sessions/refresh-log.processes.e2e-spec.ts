import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { eventsOf } from '../support/security-log.js';
import {
  refresh,
  requestSessions,
  sidOf,
  type TokenAnswer,
  tokensIn,
} from '../support/sessions.js';
import { withoutWrites } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

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
    await folder.remove();
  });

  /** The security log of requests: event, user, address and reason, line by line. */
  async function loggedOf(...answers: Response[]): Promise<unknown[]> {
    const events = await eventsOf(service, ...answers);
    return events.map(({ event, username, ip, reason }) => [event, username, ip, reason]);
  }
  /** The tokens in an answer, which the log must not have. */
  const keep = async (answer: Response) => {
    const tokens = await tokensIn(answer);
    given.push(tokens);
    return tokens;
  };
  const open = async () => keep(await logIn(service.url));
  const renew = async (tokens: TokenAnswer) => keep(await send(tokens.refresh_token));
  const send = (token: string, form = {}) => refresh(service.url, token, form);
  const here = ['alex', '127.0.0.1'];

  it('has a login and each refresh, with user and address', async () => {
    const login = await logIn(service.url);
    const { refresh_token } = await keep(login.clone());
    const renewal = await send(refresh_token);
    await keep(renewal.clone());
    expect(await loggedOf(login, renewal)).toEqual([
      ['login_succeeded', ...here, undefined],
      ['token_refreshed', ...here, undefined],
    ]);
  });

  it('has no success of a login whose session could not be opened', async () => {
    const answer = await withoutWrites(folder, () => logIn(service.url));
    expect(answer.status).toBe(503);
    expect(await loggedOf(answer)).toEqual([['login_unavailable', ...here, 'database']]);
  });

  it('has what is wrong with a token, and its user, where the token shows that', async () => {
    const ended = await open();
    await requestSessions(service.url, ended, 'DELETE', '?current=true');
    const labelled = await keep(await logIn(service.url, { client_id: 'shop' }));
    expect(
      await loggedOf(
        await send('garbage\n{"event":"forged"}'),
        await send(ended.refresh_token),
        await send(labelled.refresh_token, { client_id: 'till' }),
      ),
    ).toEqual([
      ['refresh_refused', undefined, '127.0.0.1', 'malformed'],
      ['refresh_refused', ...here, 'revoked'],
      ['refresh_refused', ...here, 'other_client'],
    ]);
  });

  it('has the reuse of a token as a separate event, once', async () => {
    const first = await open();
    await renew(await renew(first));
    expect(
      await loggedOf(await send(first.refresh_token), await send(first.refresh_token)),
    ).toEqual([
      ['refresh_reuse', ...here, 'reuse'],
      ['refresh_refused', ...here, 'revoked'],
    ]);
  });

  it('has the end of sessions, and the reason', async () => {
    const [first, second] = [await open(), await open()];
    expect(
      await loggedOf(
        await requestSessions(service.url, first, 'DELETE', `/${sidOf(second)}`),
        await requestSessions(service.url, first, 'DELETE'),
        await requestSessions(service.url, first, 'DELETE', '?current=true'),
        await requestSessions(service.url, first),
      ),
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
