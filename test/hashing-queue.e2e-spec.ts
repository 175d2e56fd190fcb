import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from './support/create-test-app.js';
import { expectOAuthError } from './support/expect-errors.js';
import { HeldHashing } from './support/held-hashing.js';

describe('More logins than can be computed', () => {
  let app: TestApp;
  let held: HeldHashing;

  beforeEach(async () => {
    app = await createTestApp();
    await app.createUser();
    held = new HeldHashing(app);
  });
  afterEach(async () => {
    held.release();
    await app.close();
  });

  it('are answered 503 with Retry-After after 2 s in line, whoever they are', async () => {
    const logins = ['alex', 'nobody'].map((username) => app.login({ username }));
    for (const response of await Promise.all(logins)) {
      expect(response.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      expect(response.headers.has('www-authenticate')).toBe(false);
      await expectOAuthError(response, 503, 'temporarily_unavailable');
    }
    expect(held.queue.depth).toBe(0);
    held.release();
    expect((await app.login()).status).toBe(200);
  });

  it('leave the line when their client does', async () => {
    const leaving = new AbortController();
    const body = new URLSearchParams({ username: 'alex', password: 'x' });
    const login = fetch(`${app.url}/token`, { method: 'POST', body, signal: leaving.signal });
    await held.waitForDepth(1);
    leaving.abort();
    await expect(login).rejects.toThrow(/abort/);
    await held.waitForDepth(0);
  });

  it('do not hold up what needs no hashing', async () => {
    const login = app.login();
    await held.waitForDepth(1);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    expect((await app.readProfile('x')).status).toBe(401);
    held.release();
    expect((await login).status).toBe(200);
  });
});
