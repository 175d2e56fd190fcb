import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Sweeper } from '../../src/database/sweeper.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { readToken } from '../support/forge-token.js';
import { openSession, refresh, refreshed, requestSessions, sidOf } from '../support/sessions.js';
import { sql } from '../support/sql.js';

const DAY = 86_400;

let apps: TestApp[];
beforeEach(() => void (apps = []));
afterEach(async () => {
  for (const app of apps.reverse()) await app.close();
});

async function start(environment: Record<string, string> = {}): Promise<TestApp> {
  const app = await createTestApp(environment);
  await app.createUser();
  apps.push(app);
  return app;
}

/**
 * The same service after a restart with other settings: another instance on the same database, at the same time. Logins
 * and profiles only work at the newest instance: passport's strategies are global to the process.
 */
async function restart(app: TestApp, environment: Record<string, string>): Promise<TestApp> {
  const again = await createTestApp({
    DATABASE_URL: app.databaseUrl,
    ...environment,
  });
  again.clock.advance((app.clock.now() - again.clock.now()) / 1000);
  apps.push(again);
  return again;
}

const expectRefused = async (app: TestApp, token: string) => {
  await expectOAuthError(await refresh(app.url, token), 400, 'invalid_grant');
};

describe('A session can be refreshed', () => {
  it('for 30 days after the last refresh', async () => {
    const app = await start();
    const opened = await openSession(app.url);
    app.clock.advance(30 * DAY - 0.001);
    const renewed = await refreshed(app.url, opened);
    app.clock.advance(30 * DAY - 0.001);
    const last = await refreshed(app.url, renewed);
    app.clock.advance(30 * DAY);
    await expectRefused(app, last.refresh_token);
  });

  it('for 90 days in all, and no access token of it outlives that', async () => {
    const app = await start();
    let tokens = await openSession(app.url);
    const end = app.clock.now() / 1000 + 90 * DAY;
    for (let day = 0; day < 87; day += 29) {
      app.clock.advance(29 * DAY);
      tokens = await refreshed(app.url, tokens);
      expect(tokens.expires_in).toBe(900);
    }
    app.clock.advance(3 * DAY - 60.5);
    tokens = await refreshed(app.url, tokens);
    expect(tokens.expires_in).toBeLessThanOrEqual(61);
    expect(readToken(tokens.access_token).payload.exp).toBe(end);
    app.clock.advance(60.5);
    await expectRefused(app, tokens.refresh_token);
    // 5 s of clock skew.
    app.clock.advance(5);
    expect((await app.readProfile(tokens.access_token)).status).toBe(401);
  });

  it('for as long as is configured', async () => {
    const app = await start({ REFRESH_TOKEN_EXPIRE_DAYS: '0.5', SESSION_MAX_DAYS: '1' });
    const opened = await openSession(app.url);
    app.clock.advance(0.4 * DAY);
    const renewed = await refreshed(app.url, opened);
    app.clock.advance(0.4 * DAY);
    const last = await refreshed(app.url, renewed);
    app.clock.advance(0.2 * DAY);
    await expectRefused(app, last.refresh_token);
  });

  it('for less once less is configured', async () => {
    const app = await start();
    const opened = await openSession(app.url);
    app.clock.advance(2 * DAY);
    const stricter = await restart(app, { REFRESH_TOKEN_EXPIRE_DAYS: '1' });
    await expectRefused(stricter, opened.refresh_token);
    const older = await restart(app, { SESSION_MAX_DAYS: '2' });
    await expectRefused(older, opened.refresh_token);
    await refreshed(app.url, opened);
  });

  it('for more once more is configured, unless it is over', async () => {
    const app = await start({ REFRESH_TOKEN_EXPIRE_DAYS: '1' });
    const [over, opened] = [await openSession(app.url), await openSession(app.url)];
    app.clock.advance(DAY - 1);
    const laxer = await restart(app, { REFRESH_TOKEN_EXPIRE_DAYS: '2' });
    const renewed = await refreshed(laxer.url, opened);
    // A password change may have skipped it.
    laxer.clock.advance(1);
    await expectRefused(laxer, over.refresh_token);
    laxer.clock.advance(1.5 * DAY);
    await refreshed(laxer.url, renewed);
  });

  it('no longer once refreshing is off, and can still be ended', async () => {
    const app = await start();
    const opened = await openSession(app.url);
    const off = await restart(app, { REFRESH_TOKEN_EXPIRE_DAYS: '0' });
    const response = await refresh(off.url, opened.refresh_token);
    expect(await expectOAuthError(response, 400, 'unsupported_grant_type')).not.toMatch(/refresh/);
    expect((await off.readProfile(opened.access_token)).status).toBe(200);
    await requestSessions(off.url, opened, 'DELETE', `/${sidOf(opened)}`);
    expect((await off.readProfile(opened.access_token)).status).toBe(401);
  });
});

describe('A session that is over by one clock', () => {
  it('is ended with the others, because of clocks that are behind', async () => {
    const app = await start();
    const opened = await openSession(app.url);
    app.clock.advance(30 * DAY + 1);
    await app.app.get(AccountsService).setPassword('alex', 'another horse');
    app.clock.advance(-2);
    await expectRefused(app, opened.refresh_token);
    expect(await sql(app, 'SELECT revoked_reason FROM sessions')).toEqual([
      { revoked_reason: 'password_changed' },
    ]);
  });
});

describe('An access token from before its lifetime was shortened', () => {
  it('keeps its session, and can be ended with it', async () => {
    const app = await start({ ...WITHOUT_LIMITS, ACCESS_TOKEN_EXPIRE_MINUTES: '1440' });
    const opened = await openSession(app.url);
    const shorter = await restart(app, {
      ACCESS_TOKEN_EXPIRE_MINUTES: '15',
      REFRESH_TOKEN_EXPIRE_DAYS: '0.02',
    });
    await refreshed(shorter.url, opened);
    shorter.clock.advance(3600);
    expect(await shorter.app.get(Sweeper).sweep()).toBe(0);
    expect((await shorter.readProfile(opened.access_token)).status).toBe(200);
    await shorter.app.get(AccountsService).setPassword('alex', 'another horse');
    expect((await shorter.readProfile(opened.access_token)).status).toBe(401);
  });
});

describe('SECRET_KEY_PREVIOUS', () => {
  const NEXT_KEY = 'the next key for the tests, 32 bytes and more';

  it('exchanges refresh tokens of the old key for ones of the new', async () => {
    const app = await start();
    const opened = await openSession(app.url);
    const both = await restart(app, { SECRET_KEY: NEXT_KEY, SECRET_KEY_PREVIOUS: SECRET_KEY });
    const renewed = await refreshed(both.url, opened);
    expect((await both.readProfile(renewed.access_token)).status).toBe(200);
    // A second tab gets the same successor, and the old key alone can't read it.
    expect((await refreshed(both.url, opened)).refresh_token).toBe(renewed.refresh_token);
    await expectRefused(app, renewed.refresh_token);
    const only = await restart(app, { SECRET_KEY: NEXT_KEY });
    await expectRefused(only, opened.refresh_token);
    await refreshed(only.url, renewed);
  });
});

describe('REFRESH_TOKEN_EXPIRE_DAYS=0', () => {
  it("answers as the tutorial's backend does, and opens a session that can be ended", async () => {
    const app = await start({ REFRESH_TOKEN_EXPIRE_DAYS: '0' });
    const response = await app.login();
    expect(await response.clone().text()).toMatch(
      /^\{"access_token":"[\w-]+\.[\w-]+\.[\w-]+","token_type":"bearer","expires_in":900\}$/,
    );
    const tokens = (await response.json()) as { access_token: string };
    expect((await requestSessions(app.url, tokens, 'DELETE', '?current=true')).status).toBe(204);
    expect((await app.readProfile(tokens.access_token)).status).toBe(401);
  });

  it('knows no grant_type refresh_token', async () => {
    const app = await start({ REFRESH_TOKEN_EXPIRE_DAYS: '0' });
    for (const token of ['x', '']) {
      await expectOAuthError(await refresh(app.url, token), 400, 'unsupported_grant_type');
    }
  });
});
