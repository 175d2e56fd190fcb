import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectProblem } from '../support/expect-errors.js';
import { withoutUsersTable } from '../support/sql.js';

describe('GET /health', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it.each(['/live', '/live/', '/ready', '/ready/'])('%s is 200, without a token', async (path) => {
    const response = await fetch(`${app.url}/health${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).toBe('{"status":"ok"}');
  });

  it.each(['/live', '/ready'])('%s answers HEAD, and no other method', async (path) => {
    const url = `${app.url}/health${path}`;
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    const response = await fetch(url, { method: 'POST' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('/ready is 503 while the database does not answer, and /live is still 200', async () => {
    await withoutUsersTable(app, async () => {
      const ready = await fetch(`${app.url}/health/ready`);
      expect(Number(ready.headers.get('retry-after'))).toBeGreaterThan(0);
      await expectProblem(ready, {
        status: 503,
        title: 'Service Unavailable',
        code: 'temporarily_unavailable',
        detail: 'The database does not answer; try again',
      });
      expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    });
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
  });
});
