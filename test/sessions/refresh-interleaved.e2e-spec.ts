import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import {
  openSession,
  refresh,
  refreshed,
  requestSessions,
  sidOf,
  type TokenAnswer,
  tokensIn,
} from '../support/sessions.js';
import { sql } from '../support/sql.js';

/** The moment in which two refreshes, or a refresh and the end of its session, can interfere. */
describe('A refresh that has read its session, and has not yet written', () => {
  let app: TestApp;
  let users = 0;

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  async function newSession(): Promise<TokenAnswer & { username: string }> {
    const username = `user${++users}`;
    await app.createUser({ username });
    return { username, ...(await openSession(app.url, { username })) };
  }

  /** Sends the refresh, and does something else in that moment. */
  async function refreshAround(
    { refresh_token }: TokenAnswer,
    meanwhile: () => unknown,
  ): Promise<Response> {
    const sessions = app.app.get(SessionsService);
    const find = sessions.find.bind(sessions);
    const spy = jest.spyOn(sessions, 'find').mockImplementationOnce(async (sid) => {
      const found = await find(sid);
      await meanwhile();
      return found;
    });
    try {
      return await refresh(app.url, refresh_token);
    } finally {
      spy.mockRestore();
    }
  }

  const stateOf = async (tokens: TokenAnswer) => {
    const columns = 'refresh_counter, tokens_expire_at, expires_at, revoked_reason';
    const [row] = await sql(app, `SELECT ${columns} FROM sessions WHERE id = ?`, sidOf(tokens));
    return row as Record<string, unknown>;
  };

  it('gets the successor of another that was faster', async () => {
    const tokens = await newSession();
    let faster: TokenAnswer | undefined;
    const response = await refreshAround(tokens, async () => {
      faster = await refreshed(app.url, tokens);
    });
    expect((await tokensIn(response)).refresh_token).toBe(faster?.refresh_token);
    expect(await stateOf(tokens)).toMatchObject({ refresh_counter: 1, revoked_reason: null });
  });

  it('ends the session when others were faster by two generations', async () => {
    const tokens = await newSession();
    const response = await refreshAround(tokens, async () =>
      refreshed(app.url, await refreshed(app.url, tokens)),
    );
    await expectOAuthError(response, 400, 'invalid_grant');
    expect(await stateOf(tokens)).toMatchObject({
      refresh_counter: 2,
      revoked_reason: 'refresh_reuse',
    });
  });

  it('ends the session when its token is the previous one, and others were faster', async () => {
    const tokens = await newSession();
    const successor = await refreshed(app.url, tokens);
    const response = await refreshAround(tokens, () => refreshed(app.url, successor));
    await expectOAuthError(response, 400, 'invalid_grant');
    expect(await stateOf(tokens)).toMatchObject({
      refresh_counter: 2,
      revoked_reason: 'refresh_reuse',
    });
  });

  it('forgets no access token with a longer lifetime, from another repeat that was faster', async () => {
    const tokens = await newSession();
    await refreshed(app.url, tokens);
    let later: Record<string, unknown> = {};
    const response = await refreshAround(tokens, async () => {
      app.clock.advance(4);
      const { access_token } = await refreshed(app.url, tokens);
      app.clock.advance(-4);
      later = await stateOf(tokens);
      expect(later.tokens_expire_at).toBe(Number(readToken(access_token).payload.exp) * 1000);
    });
    expect(Number(readToken((await tokensIn(response)).access_token).payload.exp) * 1000).toBe(
      Number(later.tokens_expire_at) - 4_000,
    );
    expect(await stateOf(tokens)).toEqual(later);
  });

  type Session = TokenAnswer & { username: string };
  const accounts = () => app.app.get(AccountsService);

  describe.each([
    ['a current token', 0],
    ['the previous token', 1],
  ])('with %s, is refused after', (_, counter) => {
    it.each<[string, (tokens: Session) => Promise<unknown>, string]>([
      [
        'a logout',
        (tokens) => requestSessions(app.url, tokens, 'DELETE', '?current=true'),
        'logout',
      ],
      ['a disable', ({ username }) => accounts().disable(username), 'user_disabled'],
      [
        'a password change',
        ({ username }) => accounts().setPassword(username, 'another horse'),
        'password_changed',
      ],
      ['a delete', ({ username }) => accounts().delete(username), 'user_deleted'],
    ])('%s', async (_, end, revoked_reason) => {
      const tokens = await newSession();
      if (counter === 1) await refreshed(app.url, tokens);
      app.clock.advance(5);
      let ended: Record<string, unknown> = {};
      const response = await refreshAround(tokens, async () => {
        await end(tokens);
        ended = await stateOf(tokens);
      });
      await expectOAuthError(response, 400, 'invalid_grant');
      expect(ended).toMatchObject({ refresh_counter: counter, revoked_reason });
      expect(await stateOf(tokens)).toEqual(ended);
    });

    it('the row was removed', async () => {
      const tokens = await newSession();
      if (counter === 1) await refreshed(app.url, tokens);
      const response = await refreshAround(tokens, () =>
        sql(app, 'DELETE FROM sessions WHERE id = ?', sidOf(tokens)),
      );
      await expectOAuthError(response, 400, 'invalid_grant');
    });
  });
});
