import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LiveSessions } from '../../src/sessions/live-sessions.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { sql } from '../support/sql.js';

/** Seconds. */
const MINUTE = 60;

describe('The number of live sessions', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ REFRESH_TOKEN_EXPIRE_DAYS: '1' });
    await app.createUser();
  });
  afterAll(() => app.close());

  const count = () => app.app.get(LiveSessions).count();
  const logOut = async () => {
    const body = new URLSearchParams({ token: await app.accessToken() });
    await fetch(`${app.url}/revoke`, { method: 'POST', body });
  };

  it('goes up with a login and down with a logout', async () => {
    expect(await count()).toBe(0);
    for (let i = 0; i < 3; i++) await app.login();
    expect(await count()).toBe(3);
    await logOut();
    expect(await count()).toBe(3);
  });

  it('leaves out what is over, revoked or not, even while its row exists', async () => {
    app.clock.advance(20 * MINUTE);
    expect(await sql(app, 'SELECT id FROM sessions')).toHaveLength(4);
    expect(await count()).toBe(3);
    app.clock.advance(24 * 60 * MINUTE);
    expect(await sql(app, 'SELECT id FROM sessions')).toHaveLength(4);
    expect(await count()).toBe(0);
    await app.login();
    expect(await count()).toBe(1);
  });
});
