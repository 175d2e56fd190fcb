import { describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Sweeper } from '../../src/database/sweeper.js';
import { createTestApp } from '../support/create-test-app.js';
import { until } from '../support/until.js';

describe('The sweep of sign-ups', () => {
  it('leaves one alone that is confirmed while it waits for the row', async () => {
    const app = await createTestApp();
    try {
      await app.createUser();
      const dataSource = app.app.get(DataSource);
      await dataSource.query('UPDATE users SET pending_until = 1');
      const confirming = dataSource.createQueryRunner();
      await confirming.startTransaction();
      await confirming.query('UPDATE users SET pending_until = NULL');
      const sweeping = app.app.get(Sweeper).sweep();
      const waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      await until(async () => (await dataSource.query<unknown[]>(waiting)).length > 0);
      await confirming.commitTransaction();
      await confirming.release();
      expect(await sweeping).toBe(0);
      expect((await app.login()).status).toBe(200);
    } finally {
      await app.close();
    }
  });
});
