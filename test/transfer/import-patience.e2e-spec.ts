import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { LazyModuleLoader } from '@nestjs/core';
import { DatabaseUnavailable } from '../../src/database/database-errors.js';
import { Database } from '../../src/database/database.js';
import { TransferModule } from '../../src/transfer/transfer.module.js';
import { UserRows } from '../../src/transfer/user-rows.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { sql, withoutUsersTable, withoutWrites } from '../support/sql.js';

const NIA = {
  username: 'nia',
  email: null,
  fullName: null,
  disabled: false,
  hashedPassword: null,
  scopes: null,
  emailVerifiedAt: null,
  createdAt: Date.UTC(2026, 0, 1),
};

let app: TestApp;
let rows: UserRows;
beforeAll(async () => {
  app = await createTestApp();
  rows = (await app.app.get(LazyModuleLoader).load(() => TransferModule)).get(UserRows);
});
afterAll(() => app.close());

it('an import waits longer than a request for a database that others keep busy', async () => {
  const group = jest.spyOn(app.app.get(Database), 'group');
  let insertion: Promise<void> | undefined;
  await withoutWrites(app, async () => {
    insertion = rows.insert([NIA]);
    await expect(group.mock.results[0]?.value).rejects.toThrow(DatabaseUnavailable);
  });
  await insertion;
  expect(await sql(app, 'SELECT username FROM users')).toEqual([{ username: 'nia' }]);
});

it('an import ends at once when the database is broken', async () => {
  const query = jest.spyOn(app.app.get(Database), 'query');
  await withoutUsersTable(app, () =>
    expect(rows.findSimilar([NIA])).rejects.toThrow(DatabaseUnavailable),
  );
  expect(query).toHaveBeenCalledTimes(1);
});
