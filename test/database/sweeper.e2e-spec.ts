import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/database/sweeper.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { openSession, refreshed, requestSessions, sidOf } from '../support/sessions.js';
import { sql } from '../support/sql.js';

const DAY = 86_400;

describe('The sweep of sessions', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
  });
  afterAll(() => app.close());
  beforeEach(() => sql(app, 'DELETE FROM sessions'));

  const sweep = async () => {
    // What each login leaves besides a session expires separately.
    for (const table of ['attempt_counters', 'audit_entries'])
      await sql(app, `DELETE FROM ${table}`);
    return app.app.get(Sweeper).sweep();
  };
  const ids = async () => {
    const rows = await sql<{ id: string }>(app, 'SELECT id FROM sessions ORDER BY created_at');
    return rows.map(({ id }) => id);
  };

  it('removes exactly the dead rows', async () => {
    const old = await openSession(app.url);
    const used = await openSession(app.url);
    app.clock.advance(29 * DAY);
    const renewed = await refreshed(app.url, used);
    const fresh = await openSession(app.url);
    app.clock.advance(DAY + 59.999);
    expect(await sweep()).toBe(0);
    app.clock.advance(0.001);
    expect(await sweep()).toBe(1);
    expect(await ids()).toEqual([sidOf(renewed), sidOf(fresh)]);
    expect(await ids()).not.toContain(sidOf(old));
  });

  it('removes nothing because the clock was set forward for a while', async () => {
    await openSession(app.url);
    app.clock.set(365 * DAY);
    expect(await sweep()).toBe(0);
    app.clock.advance(3_599);
    expect(await sweep()).toBe(0);
    // By then it is deliberate.
    app.clock.advance(1);
    expect(await sweep()).toBe(1);
    app.clock.set(-365 * DAY);
  });

  it('keeps a revoked one as long as a token of it may be valid, and a minute more', async () => {
    const opened = await openSession(app.url);
    app.clock.advance(600);
    const renewed = await refreshed(app.url, opened);
    await requestSessions(app.url, renewed, 'DELETE', '?current=true');
    app.clock.advance(renewed.expires_in + 59.999);
    expect(await sweep()).toBe(0);
    app.clock.advance(0.001);
    expect(await sweep()).toBe(1);
    expect(await ids()).toEqual([]);
    expect((await app.readProfile(renewed.access_token)).status).toBe(401);
  });

  it('removes more than a batch, and counts what it removes', async () => {
    const opened = await openSession(app.url);
    await sql(
      app,
      `INSERT INTO sessions SELECT 'session ' || n, user_id, client_id, client_authenticated, user_agent, ip,
         created_at, last_used_at, refresh_counter, rotated_at, tokens_expire_at, 1, revoked_at, revoked_reason, revoked_seq, scope
       FROM sessions, (WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 450) SELECT n FROM t) AS numbers`,
    );
    expect(await ids()).toHaveLength(451);
    expect(await sweep()).toBe(450);
    expect(await ids()).toEqual([sidOf(opened)]);
  });
});
