import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { AccountsService } from '../../src/accounts/accounts.service.js';
import { Database } from '../../src/database/database.js';
import { DatabaseUnavailable } from '../../src/database/database-errors.js';
import { type RevokedReason, Session } from '../../src/sessions/session.entity.js';
import { UserNotFound } from '../../src/users/user-errors.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { runCli } from '../support/processes.js';
import { OVER, REVOKED, sessionRow } from '../support/session-rows.js';

const NEW_PASSWORD = 'another correct horse';

type CutOff = [string, RevokedReason, (accounts: AccountsService, name: string) => Promise<void>];
const CUT_OFFS: CutOff[] = [
  [
    'another password',
    'password_changed',
    (accounts, name) => accounts.setPassword(name, NEW_PASSWORD),
  ],
  ['the disabling', 'user_disabled', (accounts, name) => accounts.disable(name)],
  ['the deletion', 'user_deleted', (accounts, name) => accounts.delete(name)],
];

describe('the sessions of a user', () => {
  let app: TestApp;
  let accounts: AccountsService;
  let ids: Record<string, number>;

  beforeAll(async () => {
    app = await createTestApp();
    accounts = app.app.get(AccountsService);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await query('DELETE FROM sessions');
    await query('DELETE FROM users');
    await query('UPDATE revocation_counter SET value = 1');
    for (const username of ['alex', 'mary']) await app.createUser({ username });
    const users = await query<{ id: number; username: string }>('SELECT id, username FROM users');
    ids = Object.fromEntries(users.map(({ id, username }) => [username, id]));
  });

  const query = <T>(sql: string) => app.app.get(Database).query<T>(sql, []);
  const sessions = () => app.app.get(DataSource).getRepository(Session);
  const stored = () => sessions().find({ order: { id: 'ASC' } });
  const counter = async () => {
    const [row] = await query<{ value: number | string }>('SELECT value FROM revocation_counter');
    return Number(row!.value);
  };
  const insertAll = () =>
    sessions().insert([
      sessionRow('alex-live-1', ids.alex!),
      sessionRow('alex-live-2', ids.alex!, { tokensExpireAt: app.clock.now() + 60_000 }),
      sessionRow('alex-over', ids.alex!, OVER),
      sessionRow('alex-revoked', ids.alex!, REVOKED),
      sessionRow('mary-live', ids.mary!),
    ]);

  describe.each(CUT_OFFS)('at %s', (_, reason, cutOff) => {
    const isGone = reason === 'user_deleted';

    it("end all at once under one number, and no one else's", async () => {
      await insertAll();
      const before = await stored();
      await cutOff(accounts, 'alex');
      const ended = { revokedAt: app.clock.now(), revokedReason: reason, revokedSeq: 2 };
      const expected = before.map((session) =>
        Object.assign(
          session,
          isGone && session.id.startsWith('alex') && { userId: null },
          session.id.startsWith('alex-live') && { ...ended, expiresAt: session.tokensExpireAt },
        ),
      );
      expect(await stored()).toEqual(expected);
      expect(await counter()).toBe(2);
    });

    it('are not counted where none is live', async () => {
      await sessions().insert([
        sessionRow('alex-over', ids.alex!, OVER),
        sessionRow('alex-revoked', ids.alex!, REVOKED),
        sessionRow('mary-live', ids.mary!),
      ]);
      await cutOff(accounts, 'alex');
      expect(await counter()).toBe(1);
      const revoked = (await stored()).map(({ revokedSeq }) => revokedSeq);
      expect(revoked).toEqual([null, 1, null]);
    });

    it('stay unchanged when there is no such user', async () => {
      await insertAll();
      const before = await stored();
      await expect(cutOff(accounts, 'nobody')).rejects.toThrow(UserNotFound);
      expect(await stored()).toEqual(before);
      expect(await counter()).toBe(1);
    });

    it('and the user stay unchanged when they can not be ended', async () => {
      await insertAll();
      const rows = async () => [await stored(), await query('SELECT * FROM users ORDER BY id')];
      const before = await rows();
      await query('ALTER TABLE revocation_counter RENAME TO counter_away');
      await expect(cutOff(accounts, 'alex')).rejects.toThrow(DatabaseUnavailable);
      await query('ALTER TABLE counter_away RENAME TO revocation_counter');
      expect(await rows()).toEqual(before);
    });

    it('are counted once when five requests end them at once', async () => {
      await insertAll();
      const five = [1, 2, 3, 4, 5].map(() => cutOff(accounts, 'alex'));
      const outcomes = await Promise.allSettled(five);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(isGone ? 1 : 5);
      expect(await counter()).toBe(2);
    });
  });

  it('have a number for each user, without a gap, when ten are cut off at once', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `user-${i}`);
    await query(`INSERT INTO users (username) VALUES ${names.map((n) => `('${n}')`).join()}`);
    const users = await query<{ id: number; username: string }>(
      `SELECT id, username FROM users WHERE username LIKE 'user-%'`,
    );
    await sessions().insert(users.map(({ id, username }) => sessionRow(username, id)));
    await Promise.all(names.map((name) => accounts.disable(name)));
    const numbers = (await stored()).map(({ revokedSeq }) => revokedSeq!);
    expect(numbers.toSorted((a, b) => a - b)).toEqual(names.map((_, i) => i + 2));
    expect(await counter()).toBe(11);
  });
});

describe('the command line', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it.each([
    ['set-password', ['--password-stdin'], 'password_changed', 'Set the password of alex-'],
    ['disable', [], 'user_disabled', 'Disabled the user alex-'],
    ['delete', [], 'user_deleted', 'Deleted the user alex-'],
  ])('ends the sessions of a user at user %s', async (command, options, reason, said) => {
    const username = `alex-${command}`;
    await app.createUser({ username });
    const dataSource = app.app.get(DataSource);
    const [user] = await dataSource.query<{ id: number }[]>(
      `SELECT id FROM users WHERE username = '${username}'`,
    );
    const sessions = dataSource.getRepository(Session);
    await sessions.insert(sessionRow(command, user!.id));
    const began = Date.now();
    const finished = await runCli(app.folder, ['user', command, username, ...options], {
      input: NEW_PASSWORD,
    });
    expect(finished).toMatchObject({ status: 0, stderr: '' });
    expect(finished.stdout).toContain(said);
    const session = await sessions.findOneByOrFail({ id: command });
    expect(session.userId).toBe(command === 'delete' ? null : user!.id);
    expect(session.revokedReason).toBe(reason);
    expect(session.revokedAt).toBeGreaterThanOrEqual(began);
    expect(session.expiresAt).toBe(session.tokensExpireAt);
  });

  it('ends none at user enable', async () => {
    await app.createUser({ disabled: true });
    const dataSource = app.app.get(DataSource);
    const [user] = await dataSource.query<{ id: number }[]>(
      `SELECT id FROM users WHERE username = 'alex'`,
    );
    await dataSource.getRepository(Session).insert(sessionRow('alex', user!.id));
    expect((await runCli(app.folder, ['user', 'enable', 'alex'])).status).toBe(0);
    const session = await dataSource.getRepository(Session).findOneByOrFail({ id: 'alex' });
    expect(session.revokedAt).toBeNull();
    expect((await app.login({ password: PASSWORD })).status).toBe(200);
  });

  it('says that there is no such user, and ends nothing', async () => {
    const finished = await runCli(app.folder, ['user', 'disable', 'nobody']);
    expect(finished).toEqual({ status: 1, stdout: '', stderr: 'There is no user "nobody"\n' });
  });
});
