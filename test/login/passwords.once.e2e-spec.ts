import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { HeldHashing } from '../support/held-hashing.js';
import { whileUpdates } from '../support/schema.js';
import { sql } from '../support/sql.js';
import { TUTORIAL_HASH } from '../support/tutorial-database.js';
import { until } from '../support/until.js';

describe('Passwords', () => {
  let app: TestApp;
  let accounts: AccountsService;

  beforeAll(async () => {
    app = await createTestApp({ ...WITHOUT_LIMITS, BCRYPT_COST: '10' });
    accounts = app.app.get(AccountsService);
  });
  afterAll(() => app.close());

  const insert = (username: string, hash: string | null) =>
    sql(app, 'INSERT INTO users (username, hashed_password) VALUES (?, ?)', username, hash);
  const storedHash = async (username: string) => {
    const [row] = await sql(app, 'SELECT hashed_password FROM users WHERE username = ?', username);
    return (row as { hashed_password: string }).hashed_password;
  };
  const logIn = async (username: string, password: string) =>
    (await app.login({ username, password })).status;

  describe('up to 72 bytes and from there to 1024', () => {
    const BCRYPT = /^\$2b\$10\$/;
    const BCRYPT_SHA256 = /^\$bcrypt-sha256\$v=2,t=2b,r=10\$/;

    it.each([
      ['72 bytes', 'x'.repeat(72), BCRYPT],
      ['72 bytes of 18 characters', '😀'.repeat(18), BCRYPT],
      ['73 bytes', 'x'.repeat(73), BCRYPT_SHA256],
      ['73 bytes of 37 characters', `${'ä'.repeat(36)}x`, BCRYPT_SHA256],
      ['1024 bytes', 'x'.repeat(1024), BCRYPT_SHA256],
      ['a NUL inside', 'correct\0horse', BCRYPT_SHA256],
      ['spaces around', '  correct horse  ', BCRYPT],
    ])('compares every byte of %s', async (title, password, form) => {
      const username = title.replaceAll(' ', '-');
      await app.createUser({ username, password });
      expect(await storedHash(username)).toMatch(form);
      expect(await logIn(username, password)).toBe(200);
      const shorter = Array.from(password).slice(0, -1).join('');
      const others = [`${password}x`, `${password}\0`, shorter, password.replace(/^./su, 'y')];
      for (const other of others) expect(await logIn(username, other)).toBe(401);
    });

    it('are refused beyond when set, and simply wrong at login', async () => {
      const password = 'x'.repeat(1025);
      await expect(app.createUser({ username: 'long', password })).rejects.toThrow(/1024 bytes/);
      await insert('long', bcrypt.hashSync(password, 4));
      await expectOAuthError(await app.login({ username: 'long', password }), 401, 'invalid_grant');
      await expect(accounts.setPassword('long', password)).rejects.toThrow(/1024 bytes/);
    });

    it('are not truncated to the 72 bytes that another program hashed', async () => {
      await insert('cut', bcrypt.hashSync('x'.repeat(72), 4));
      expect(await logIn('cut', 'x'.repeat(73))).toBe(401);
      expect(await logIn('cut', 'x'.repeat(72))).toBe(200);
    });
  });

  describe('hashed elsewhere', () => {
    it.each([
      ['passlib, $2a$', 'U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
      ['the tutorial', 'password', TUTORIAL_HASH],
      [
        'PHP, $2y$',
        'rasmuslerdorf',
        '$2y$10$.vGA1O9wmRjrwAVXD98HNOgsNpDczlqm3Jq7KnEd1rVAGv3Fykk1a',
      ],
      [
        'passlib, bcrypt-sha256',
        'password',
        '$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2',
      ],
    ])('let their users in: %s', async (username, password, hash) => {
      await insert(username, hash);
      expect(await logIn(username, `${password}x`)).toBe(401);
      expect(await logIn(username, password)).toBe(200);
    });

    it.each([
      ['null', null],
      ['empty', ''],
      ['a plain text', PASSWORD],
      ['of another scheme', '$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA'],
      ['cut short', bcrypt.hashSync(PASSWORD, 4).slice(0, -1)],
      ['of a cost that takes hours', bcrypt.hashSync(PASSWORD, 4).replace('$04$', '$31$')],
    ])('let nobody in where the hash is %s', async (username, hash) => {
      await insert(username, hash);
      const response = await app.login({ username });
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(await expectOAuthError(response, 401, 'invalid_grant')).toBe(
        'Incorrect username or password',
      );
    });
  });

  describe('whose hash is weaker than configured', () => {
    it.each([
      ['bcrypt', bcrypt.hashSync('password', 9)],
      [
        'bcrypt-sha256',
        '$bcrypt-sha256$v=2,t=2b,r=5$5Hg1DKFqPE8C2aflZ5vVoe$wOK1VFFtS8IGTrGa7.h5fs0u84qyPbS',
      ],
    ])('get a new one at login: %s', async (scheme, weak) => {
      const username = `weak ${scheme}`;
      await insert(username, weak);
      expect(await logIn(username, 'wrong password')).toBe(401);
      expect(await storedHash(username)).toBe(weak);
      expect(await logIn(username, 'password')).toBe(200);
      const renewed = await storedHash(username);
      expect(renewed).toMatch(/^\$2b\$10\$/);
      expect(await logIn(username, 'password')).toBe(200);
      expect(await storedHash(username)).toBe(renewed);
    });

    it.each([
      ['of the configured cost', bcrypt.hashSync('password', 10)],
      ['of the configured cost, as $2y$', bcrypt.hashSync('password', 10).replace('2b', '2y')],
      ['of a higher cost', bcrypt.hashSync('password', 11)],
    ])('are the only ones renewed: a hash %s stays', async (username, hash) => {
      await insert(username, hash);
      expect(await logIn(username, 'password')).toBe(200);
      expect(await storedHash(username)).toBe(hash);
    });

    it('keep a password that was changed during the login', async () => {
      await insert('changing', bcrypt.hashSync('password', 4));
      const held = new HeldHashing(app);
      const login = logIn('changing', 'password');
      await held.waitForDepth(1);
      const behind = held.hold();
      // One place is free for the comparison, and occupied again before the new hash is computed.
      held.places[0]!.release();
      await until(() => behind.began && held.queue.depth === 1);
      const changed = bcrypt.hashSync('another password', 10);
      await sql(app, `UPDATE users SET hashed_password = ? WHERE username = 'changing'`, changed);
      held.release();
      // The session would have been opened after the change: the password is checked again.
      expect(await login).toBe(401);
      expect(await storedHash('changing')).toBe(changed);
    });

    it('let their users in even while no stronger one can be stored', async () => {
      const weak = bcrypt.hashSync('password', 4);
      await insert('locked', weak);
      const isNew = 'NEW.hashed_password <> OLD.hashed_password';
      await whileUpdates(app, 'users', isNew, 'are refused', async () => {
        expect(await logIn('locked', 'password')).toBe(200);
      });
      expect(await storedHash('locked')).toBe(weak);
      expect(await logIn('locked', 'password')).toBe(200);
      expect(await storedHash('locked')).toMatch(/^\$2b\$10\$/);
    });
  });

  describe('that are wrong', () => {
    beforeAll(async () => {
      await insert('without hash', null);
      await insert('with cheap hash', bcrypt.hashSync(PASSWORD, 4));
      await insert('with hash', bcrypt.hashSync(PASSWORD, 10));
    });

    it.each(['nobody', 'without hash', 'with cheap hash', 'with hash'])(
      'cost the same work: %s',
      async (username) => {
        for (const password of ['wrong password', 'x'.repeat(1025)]) {
          const work = await bcryptWork(async () => {
            expect(await logIn(username, password)).toBe(401);
          });
          expect(work).toBe(2 ** 10);
        }
      },
    );
  });
});
