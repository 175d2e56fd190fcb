import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { guess } from '../support/attempts.js';
import { captureLog } from '../support/captured-log.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ LOG_LEVEL: 'info', LOGIN_LIMIT_ADDRESS: '7/300' });
});
afterAll(() => app.close());

describe('Guessing that is stopped', () => {
  it('is logged once for each counter, not once for each guess', async () => {
    const log = captureLog();
    await guess(app, 20);
    await guess(app, 2, { username: 'sam' });
    await guess(app, 10, { username: 'robin' });
    const events = log.filter(({ event }) => event === 'login_throttled');
    const from = { context: 'security', ip: '127.0.0.1' };
    expect(events).toEqual([
      expect.objectContaining({ ...from, username: 'alex', reason: 'pair' }),
      expect.objectContaining({ ...from, username: 'robin', reason: 'address' }),
    ]);
    expect(log.filter(({ status }) => status === 429)).toHaveLength(25);
  });
});
