import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { LiveSessions } from '../src/sessions/live-sessions.service.js';
import { createTestApp, type TestApp } from './support/create-test-app.js';
import { sql } from './support/sql.js';

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

  it('leaves out what is over, revoked or not, also as long as its row is there', async () => {
    app.clock.advance(20 * MINUTE);
    expect(sql(app, 'SELECT id FROM sessions')).toHaveLength(4);
    expect(await count()).toBe(3);
    app.clock.advance(24 * 60 * MINUTE);
    expect(sql(app, 'SELECT id FROM sessions')).toHaveLength(4);
    expect(await count()).toBe(0);
    await app.login();
    expect(await count()).toBe(1);
  });

  it('is found in the indices, since a look at every row of a million would hold up everybody', async () => {
    const statements: string[] = [];
    const { subscribers } = app.app.get(DataSource);
    subscribers.push({ beforeQuery: ({ query }) => void statements.push(query) });
    await count();
    subscribers.pop();
    const plans = statements.map((text) => {
      const steps = sql(app, `EXPLAIN QUERY PLAN ${text.replaceAll('?', '0')}`);
      return steps.map((step) => (step as { detail: string }).detail);
    });
    expect(plans).toEqual([
      [expect.stringMatching(/^SEARCH .*USING COVERING INDEX ix_sessions_expires_at/)],
      [expect.stringMatching(/^SEARCH .*USING COVERING INDEX ix_sessions_revoked_seq/)],
      [expect.stringMatching(/^SEARCH .*USING INDEX ix_sessions_expires_at/)],
    ]);
    expect(statements[2]).toMatch(/LIMIT 10000$/);
  });
});
