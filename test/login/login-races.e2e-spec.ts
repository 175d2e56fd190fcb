import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { HeldHashing } from '../support/held-hashing.js';
import { whileUpdates } from '../support/schema.js';
import { sql } from '../support/sql.js';

describe('A login', () => {
  let app: TestApp;
  let held: HeldHashing;

  beforeEach(async () => {
    app = await createTestApp({ BCRYPT_COST: '10' });
    await app.createUser();
  });
  afterEach(async () => {
    held.release();
    await app.close();
  });

  const sessions = () => sql(app, 'SELECT id FROM sessions WHERE revoked_at IS NULL');
  const changed = bcrypt.hashSync('another horse', 10);
  const setPassword = `UPDATE users SET hashed_password = '${changed}'`;

  /** Changes something after the login has read its user, while it waits for the hash. */
  async function beginAndChange(change: () => unknown): Promise<Response> {
    held = new HeldHashing(app);
    const login = app.login();
    await held.waitForDepth(1);
    await change();
    held.release();
    return login;
  }

  it.each([
    ['has their password changed', setPassword, 'Incorrect username or password'],
    ['is disabled', 'UPDATE users SET disabled = TRUE', 'Inactive user'],
    ['is deleted', 'DELETE FROM users', 'Incorrect username or password'],
  ])('whose user %s before its session is opened, opens none', async (_, change, description) => {
    const response = await beginAndChange(() => sql(app, change));
    expect(await expectOAuthError(response, 401, 'invalid_grant')).toBe(description);
    expect(await sessions()).toEqual([]);
  });

  it('whose user is disabled by the service itself meanwhile, opens none', async () => {
    const response = await beginAndChange(() => app.app.get(AccountsService).disable('alex'));
    expect(await expectOAuthError(response, 401, 'invalid_grant')).toBe('Inactive user');
    expect(await sessions()).toEqual([]);
  });

  it('whose user is given the same password again meanwhile, opens a session', async () => {
    const again = bcrypt.hashSync(PASSWORD, 10);
    const response = await beginAndChange(() =>
      sql(app, `UPDATE users SET hashed_password = '${again}'`),
    );
    expect(response.status).toBe(200);
    expect(await sessions()).toHaveLength(1);
  });

  it('whose user is changed at each attempt, opens none', async () => {
    // Every attempt to lock the row fails because of another change of the password.
    const isOld = 'NEW.hashed_password = OLD.hashed_password';
    await whileUpdates(app, 'users', isOld, 'are ignored', async () => {
      const response = await beginAndChange(() => undefined);
      await expectOAuthError(response, 401, 'invalid_grant');
      expect(await sessions()).toEqual([]);
    });
  });

  it('and another that renews the same cheap hash at once both open a session', async () => {
    const cheap = bcrypt.hashSync(PASSWORD, 4);
    await sql(app, `UPDATE users SET hashed_password = '${cheap}'`);
    held = new HeldHashing(app);
    const logins = [1, 2, 3].map(() => app.login());
    await held.waitForDepth(3);
    held.release();
    for (const login of logins) expect((await login).status).toBe(200);
    expect(await sessions()).toHaveLength(3);
    const [row] = await sql<{ hashed_password: string }>(app, 'SELECT hashed_password FROM users');
    expect(row?.hashed_password).toMatch(/^\$2b\$10\$/);
  });

  it.each(['client:x', 'Client:x', 'client:'])(
    'of an adopted user named %j fails, whatever the password',
    async (username) => {
      held = new HeldHashing(app);
      held.release();
      const hash = bcrypt.hashSync(PASSWORD, 10);
      await sql(app, 'INSERT INTO users (username, hashed_password) VALUES (?, ?)', username, hash);
      const response = await app.login({ username });
      expect(await expectOAuthError(response, 401, 'invalid_grant')).toBe(
        'Incorrect username or password',
      );
      expect(await sessions()).toEqual([]);
    },
  );
});
