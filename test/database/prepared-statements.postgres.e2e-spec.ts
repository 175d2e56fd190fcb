import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventEmitter } from 'node:events';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { Client } from '../../src/clients/client.entity.js';
import type { Database } from '../../src/database/database.js';
import { DatabaseUnavailable } from '../../src/database/database-errors.js';
import { Prepared } from '../../src/database/prepared.js';
import { openDatabase } from '../support/open-database.js';
import { PostgresServer } from '../support/postgres.js';

describe('A prepared statement on PostgreSQL', () => {
  let server: PostgresServer;
  let dataSource: DataSource;
  let database: Database;
  let find: Prepared;
  let touch: Prepared;
  let count = 0;

  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    ({ dataSource, database } = await openDatabase(await server.createDatabase(`db_${++count}`)));
    const clients = dataSource.getRepository(Client);
    await dataSource.query(
      `INSERT INTO clients (id, secret_hash, created_at) SELECT 'c' || i, 'x', i FROM generate_series(1, 300) AS i`,
    );
    find = new Prepared(
      clients
        .createQueryBuilder('client')
        .select(['client.id', 'client.createdAt'])
        .where('client.id = :id'),
      ['id'],
    );
    touch = new Prepared(
      clients
        .createQueryBuilder()
        .update()
        .set({ createdAt: () => ':now' })
        .where('id = :id AND created_at < :now'),
      ['id', 'now'],
    );
  });
  afterEach(async () => {
    database.onApplicationShutdown();
    await dataSource.destroy();
  });

  const idsOf = async (id: string) => {
    const rows = await database.read<{ client_id: string }>(find, { id });
    return rows.map((row) => row.client_id);
  };
  const touched = (now: number) => database.change(touch, { id: 'c1', now });
  /** Run one after the other, all of them use the one connection that was used last. */
  const kept = () =>
    dataSource.query<{ name: string }[]>(
      `SELECT name FROM pg_prepared_statements WHERE name LIKE 'latchkey%'`,
    );

  it('is parsed once per connection, and run by its name', async () => {
    expect([await touched(1_000), await touched(1_000), await touched(1_001)]).toEqual([1, 0, 1]);
    expect(await kept()).toEqual([{ name: touch.name }]);
  });

  it.each([
    ['no longer knows the name', () => 'DEALLOCATE ALL'],
    ['has the name for another statement', () => `PREPARE ${touch.name} AS SELECT 1`],
  ])('is run once without its name where the connection %s', async (_, disturb) => {
    // What happens behind a pooler that gives each transaction another connection.
    const isKnown = disturb().startsWith('DEALLOCATE');
    if (isKnown) await touched(1_000);
    await dataSource.query(disturb());
    expect(await touched(2_000)).toBe(1);
    await dataSource.query('DEALLOCATE ALL');
    expect([await touched(2_000), await touched(2_001)]).toEqual([0, 1]);
    expect(await kept()).toEqual([]);
  });

  it('survives a change of its columns', async () => {
    expect(await idsOf('c7')).toEqual(['c7']);
    await dataSource.query('ALTER TABLE clients ALTER COLUMN id TYPE varchar(99)');
    expect(await idsOf('c7')).toEqual(['c7']);
  });

  it('that reads has one round trip for many, and each gets its own rows', async () => {
    let lent = 0;
    const pool = (dataSource.driver as PostgresDriver).master as EventEmitter;
    pool.on('acquire', () => lent++);
    const ids = Array.from({ length: 250 }, (_, i) => `c${i * 2}`);
    const expected = ids.map((id, i) => (i === 0 || i > 150 ? [] : [id]));
    expect(await Promise.all(ids.map(idsOf))).toEqual(expected);
    // A hundred at a time.
    expect(lent).toBe(3);
    expect(await idsOf('c5')).toEqual(['c5']);
  });

  it('that reads accepts any text, and the same one twice', async () => {
    const odd = ['{c1,c2}', '"c1"', "c1' OR '1'='1", 'c\\1', '', 'NULL', '\uD800', 'c2', 'c2'];
    const expected = odd.map((id) => (id === 'c2' ? ['c2'] : []));
    expect(await Promise.all(odd.map(idsOf))).toEqual(expected);
  });

  it('fails for a value that PostgreSQL refuses, and not for the others', async () => {
    const asked = await Promise.allSettled(['c1', 'c\0', 'c2'].map(idsOf));
    expect(asked).toEqual([
      { status: 'fulfilled', value: ['c1'] },
      { status: 'rejected', reason: expect.any(DatabaseUnavailable) },
      { status: 'fulfilled', value: ['c2'] },
    ]);
  });
});
