import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { envSchema } from '../../src/config/env.schema.js';
import { examine, type Finding } from '../../src/doctor/finding.js';
import type { Installation } from '../../src/doctor/inside/installation.js';
import { type Facts, postgresChecks, serverFindings } from '../../src/doctor/inside/postgres.js';
import { SECRET_KEY } from '../support/create-test-app.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import type { TestDatabase } from '../support/test-database.js';

describe('the examination of a PostgreSQL server', () => {
  let folder: TemporaryFolder;
  let database: TestDatabase;
  beforeEach(async () => {
    folder = new TemporaryFolder();
    database = await folder.database();
  });
  afterEach(() => folder.remove());

  async function find(url: string, changes: Record<string, string> = {}): Promise<Finding[]> {
    const installation: Installation = {
      env: envSchema.parse({ SECRET_KEY, DATABASE_URL: url, ...changes }),
      problems: [],
      folder: folder.path,
      isProduction: false,
      databaseFile: undefined,
      now: Date.now(),
    };
    return (await examine(installation, postgresChecks)).findings;
  }

  it('finds nothing about one that is up to date', async () => {
    expect(await find(database.url)).toEqual([]);
  });

  it('finds migrations that are pending, and runs none', async () => {
    const applied = async () =>
      Number((await database.query('SELECT count(*) AS n FROM migrations', []))[0]!.n);
    await database.query('DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations)', []);
    const before = await applied();
    const finding = { id: 'migrations_pending', what: '1 migrations are pending' };
    expect(await find(database.url)).toEqual([
      expect.objectContaining({ ...finding, severity: 'warning' }),
    ]);
    expect(await find(database.url, { DATABASE_MIGRATE: 'false' })).toEqual([
      expect.objectContaining({ ...finding, severity: 'serious' }),
    ]);
    expect(await applied()).toBe(before);
  });

  it('reports that one can not be reached, without a password', async () => {
    const findings = await find('postgresql://latchkey:geheim@127.0.0.1:1/latchkey');
    expect(findings).toEqual([
      expect.objectContaining({ id: 'database_unreachable', severity: 'serious' }),
    ]);
    expect(JSON.stringify(findings)).not.toContain('geheim');
  });

  it.each<[Partial<Facts>, boolean, string[]]>([
    [{}, false, []],
    [{ encrypted: false }, true, []],
    [{ encrypted: false }, false, ['serious postgres_in_the_clear']],
    [{ encrypted: null }, false, ['serious postgres_in_the_clear']],
    [{ version: '130022' }, false, ['warning postgres_old']],
    [{ connections: '29' }, false, ['warning postgres_few_connections']],
  ])('of one with %j, on this machine: %j, finds %j', (changes, isLoopback, expected) => {
    const facts = {
      version: '140000',
      now: '0',
      connections: '30',
      encrypted: true,
      has_migrations: true,
      ...changes,
    };
    const findings = serverFindings(facts, isLoopback);
    expect(findings.map(({ id, severity }) => `${severity} ${id}`)).toEqual(expected);
  });
});
