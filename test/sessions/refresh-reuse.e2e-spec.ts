import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { openSession, refresh, refreshed, sidOf, type TokenAnswer } from '../support/sessions.js';
import { sql } from '../support/sql.js';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp();
  await app.createUser();
});
afterAll(() => app.close());

const stateOf = async (tokens: TokenAnswer) => {
  const columns = 'refresh_counter, rotated_at, revoked_at, revoked_reason';
  const [row] = await sql(app, `SELECT ${columns} FROM sessions WHERE id = ?`, sidOf(tokens));
  return row;
};

async function expectSuccessor(old: TokenAnswer, successor: TokenAnswer): Promise<void> {
  const again = await refreshed(app.url, old);
  expect(again.refresh_token).toBe(successor.refresh_token);
  expect((await app.readProfile(again.access_token)).status).toBe(200);
}

/** The token is refused, and its session with all its tokens ends. */
async function expectEnd(old: TokenAnswer, successor: TokenAnswer): Promise<void> {
  const response = await refresh(app.url, old.refresh_token);
  expect(await expectOAuthError(response, 400, 'invalid_grant')).toBe(
    'The refresh token is invalid, expired or revoked',
  );
  expect(await stateOf(old)).toMatchObject({
    revoked_at: app.clock.now(),
    revoked_reason: 'refresh_reuse',
  });
  for (const { access_token, refresh_token } of [old, successor]) {
    const profile = await app.readProfile(access_token);
    expect(profile.status).toBe(401);
    expect(profile.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    expect((await refresh(app.url, refresh_token)).status).toBe(400);
  }
}

async function rotate(): Promise<[old: TokenAnswer, successor: TokenAnswer]> {
  const old = await openSession(app.url);
  app.clock.advance(60);
  return [old, await refreshed(app.url, old)];
}

describe('A refresh token that was exchanged before', () => {
  it.each([0, 0.001, 5, 10])('gets the same successor again %d s later', async (seconds) => {
    const [old, successor] = await rotate();
    const state = await stateOf(old);
    app.clock.advance(seconds);
    await expectSuccessor(old, successor);
    expect(await stateOf(old)).toEqual(state);
    await refreshed(app.url, successor);
  });

  it.each([10.001, 11, 3600])('ends the session %d s later', async (seconds) => {
    const [old, successor] = await rotate();
    app.clock.advance(seconds);
    await expectEnd(old, successor);
  });

  it('does not prolong that by being used', async () => {
    const [old, successor] = await rotate();
    for (let second = 0; second < 10; second += 2) {
      app.clock.advance(2);
      await expectSuccessor(old, successor);
    }
    app.clock.advance(1);
    await expectEnd(old, successor);
  });

  it('ends the session at once when its successor was exchanged too', async () => {
    const [old, successor] = await rotate();
    const last = await refreshed(app.url, successor);
    await expectEnd(old, last);
  });

  it('ends the session also when another client presents it', async () => {
    const old = await openSession(app.url, { client_id: 'web' });
    const successor = await refreshed(app.url, old);
    app.clock.advance(60);
    const form = { client_id: 'other' };
    expect((await refresh(app.url, old.refresh_token, form)).status).toBe(400);
    expect((await refresh(app.url, successor.refresh_token)).status).toBe(400);
  });

  it('counts from the rotation of its own generation', async () => {
    const [, second] = await rotate();
    app.clock.advance(3600);
    const third = await refreshed(app.url, second);
    app.clock.advance(9);
    await expectSuccessor(second, third);
  });

  it('records every access token of the window in the row', async () => {
    const [old, successor] = await rotate();
    app.clock.advance(10);
    await expectSuccessor(old, successor);
    expect(
      await sql(app, 'SELECT tokens_expire_at FROM sessions WHERE id = ?', sidOf(old)),
    ).toEqual([{ tokens_expire_at: Math.floor(app.clock.now() / 1000) * 1000 + 900_000 }]);
  });

  it.each([-1, -10])(
    'gets its successor when the clock was set %d s meanwhile',
    async (seconds) => {
      const [old, successor] = await rotate();
      app.clock.advance(seconds);
      await expectSuccessor(old, successor);
      app.clock.advance(-seconds);
      await expectSuccessor(old, successor);
    },
  );

  it('does not get it for as long as the clock was set back', async () => {
    const [old, successor] = await rotate();
    app.clock.advance(-11);
    await expectEnd(old, successor);
  });

  it('gets it when the clock was set back a day and forward again', async () => {
    const [old, successor] = await rotate();
    app.clock.advance(-86_400);
    app.clock.advance(86_400);
    await expectSuccessor(old, successor);
  });
});

describe('A current refresh token', () => {
  it.each([-3600, -86_400])('is exchanged even when the clock was set %d s', async (seconds) => {
    const [, successor] = await rotate();
    app.clock.advance(seconds);
    const next = await refreshed(app.url, successor);
    expect((await app.readProfile(next.access_token)).status).toBe(200);
    app.clock.advance(-seconds);
    await refreshed(app.url, next);
  });
});

describe('REFRESH_REUSE_SECONDS', () => {
  it.each([
    ['0', 0.001],
    ['60', 60.001],
  ])('of %s ends the session after that', async (REFRESH_REUSE_SECONDS, seconds) => {
    await app.close();
    app = await createTestApp({ REFRESH_REUSE_SECONDS });
    await app.createUser();
    const [old, successor] = await rotate();
    app.clock.advance(Number(REFRESH_REUSE_SECONDS));
    await expectSuccessor(old, successor);
    app.clock.advance(seconds - Number(REFRESH_REUSE_SECONDS));
    await expectEnd(old, successor);
  });
});
