import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { LiveSessions } from '../../src/sessions/live-sessions.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { sql } from '../support/sql.js';

describe('The number of live sessions', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('is read from the indexes, since a scan of a million rows would block everyone', async () => {
    const statements: string[] = [];
    const { subscribers } = app.app.get(DataSource);
    subscribers.push({ beforeQuery: ({ query }) => void statements.push(query) });
    await app.app.get(LiveSessions).count();
    subscribers.pop();
    const plans = [];
    for (const text of statements) {
      const steps = await sql(app, `EXPLAIN QUERY PLAN ${text.replaceAll('?', '0')}`);
      plans.push(steps.map(({ detail }) => detail));
    }
    expect(plans).toEqual([
      [expect.stringMatching(/^SEARCH .*USING COVERING INDEX ix_sessions_expires_at/)],
      [expect.stringMatching(/^SEARCH .*USING COVERING INDEX ix_sessions_revoked_seq/)],
      [expect.stringMatching(/^SEARCH .*USING INDEX ix_sessions_expires_at/)],
    ]);
    expect(statements[2]).toMatch(/LIMIT 10000$/);
  });
});
