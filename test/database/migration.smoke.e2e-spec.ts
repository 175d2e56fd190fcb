import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PASSWORD } from '../support/create-test-app.js';
import { openDatabase } from '../support/open-database.js';
import { runMigrationScript, runService, startService } from '../support/processes.js';
import { accessTokenFrom, readProfile } from '../support/requests.js';
import { createDatabase, dropDatabase } from '../support/shared-postgres.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { kind } from '../support/test-database.js';

describe('The built service, on a database of the first release', () => {
  let folder: TemporaryFolder;
  let DATABASE_URL: string;

  beforeEach(async () => {
    folder = new TemporaryFolder();
    DATABASE_URL =
      kind() === 'SQLite'
        ? `sqlite:///${folder.join('users.db')}`
        : await createDatabase(basename(folder.path), { isEmpty: true });
    const { dataSource, database } = await openDatabase(DATABASE_URL, 1);
    await database.query(
      `INSERT INTO users (username, hashed_password, disabled)
       VALUES ('alex', '${await bcrypt.hash(PASSWORD, 10)}', NULL)`,
      [],
    );
    await dataSource.destroy();
  });
  afterEach(async () => {
    if (kind() === 'PostgreSQL') await dropDatabase(DATABASE_URL);
    await folder.remove();
  });

  it('brings it up to date, and its users log in', async () => {
    const service = await startService(folder, { DATABASE_URL });
    const profile = await readProfile(service.url, await accessTokenFrom(service.url));
    expect(profile.status).toBe(200);
    expect(await service.end()).toBe(0);
  });

  it('starts only after the migrations where they are left to the operator', async () => {
    const changes = { DATABASE_URL, DATABASE_MIGRATE: 'false' };
    const refused = await runService(folder, changes);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toContain('npm run migration:run');
    expect((await runMigrationScript('run', { DATABASE_URL })).status).toBe(0);
    const service = await startService(folder, changes);
    expect(await service.end()).toBe(0);
  });
});
