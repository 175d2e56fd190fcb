import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { Instrumentation } from '../../src/common/instrumentation.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { Database } from '../../src/database/database.js';
import { DatabaseUnavailable } from '../../src/database/database-errors.js';
import { Prepared } from '../../src/database/prepared.js';
import { PostgresServer } from '../support/postgres.js';
import { SilentProxy } from '../support/silent-proxy.js';
import { until } from '../support/until.js';

const NAME = 'latchkey';

/** A statement as part of a group. */
const statement = (sql: string) => ({
  getQueryAndParameters: (): [string, unknown[]] => [sql, []],
});

describe('work on a PostgreSQL that does not answer', () => {
  let server: PostgresServer;
  let proxy: SilentProxy;
  let dataSource: DataSource;
  let database: Database;
  let url: string;

  beforeAll(async () => {
    server = await PostgresServer.start();
    url = await server.createDatabase(NAME);
    await server.query(NAME, 'CREATE TABLE things (id integer PRIMARY KEY)');
  });
  afterAll(() => server.remove());

  beforeEach(async () => {
    proxy = await SilentProxy.start(Number(new URL(url).port));
    const options = dataSourceOptions({ type: 'postgres', url: proxy.inFrontOf(url) });
    dataSource = await new DataSource(options).initialize();
    database = new Database(dataSource, new Instrumentation());
  });
  afterEach(async () => {
    database.onApplicationShutdown();
    proxy.close();
    await dataSource.destroy();
    await server.query(NAME, 'TRUNCATE things');
  });

  const ask = () => database.query('SELECT 1 AS one', []);
  const outcomeOf = async (work: Promise<unknown>) => {
    const begin = performance.now();
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return { error, ms: performance.now() - begin };
  };
  /** Fails as an outage does, within the 2 s in which a request is to be answered. */
  const expectUnavailable = async (work: Promise<unknown>) => {
    const { error, ms } = await outcomeOf(work);
    expect(error).toBeInstanceOf(DatabaseUnavailable);
    return ms;
  };

  it('is given up within 2 s, whether one statement or a group, and the next at once', async () => {
    await Promise.all([ask(), ask(), ask()]);
    proxy.swallow();
    const group = database.group([statement('INSERT INTO things VALUES (1)')]);
    const [one, many] = await Promise.all([expectUnavailable(ask()), expectUnavailable(group)]);
    expect(Math.max(one, many)).toBeLessThan(2_400);
    expect(await expectUnavailable(ask())).toBeLessThan(200);
  });

  it('continues on its own when it answers again, on connections that are alive', async () => {
    await Promise.all(Array.from({ length: 10 }, ask));
    proxy.swallow();
    await expectUnavailable(ask());
    proxy.pass();
    await until(() =>
      ask().then(
        () => true,
        () => false,
      ),
    );
    // The others that waited in the pool would each take the whole timeout to be found dead.
    expect((await Promise.all(Array.from({ length: 10 }, ask))).flat()).toHaveLength(10);
  });

  it('is given up by all who read together, and answered again when it is back', async () => {
    const builder = dataSource.createQueryBuilder().select('id').from('things', 'thing');
    const things = new Prepared(builder.where('id::text = :id'), ['id']);
    const read = (id: number) => database.read(things, { id: String(id) });
    await server.query(NAME, 'INSERT INTO things VALUES (1)');
    const many = Array.from({ length: 300 }, (_, i) => i);
    expect((await Promise.all(many.map(read))).flat()).toHaveLength(1);
    proxy.swallow();
    const waits = await Promise.all(many.map((i) => expectUnavailable(read(i))));
    expect(Math.max(...waits)).toBeLessThan(2_400);
    proxy.pass();
    await until(() =>
      read(1).then(
        (rows) => rows.length === 1,
        () => false,
      ),
    );
  });

  it('waits for a free connection for a limited time, and that is not an outage', async () => {
    const slow = Array.from({ length: 10 }, () => database.query('SELECT pg_sleep(1.4)', []));
    expect(await expectUnavailable(ask())).toBeLessThan(1_800);
    // Once it stops waiting, it leaves its place in the line to others, which are not refused untried.
    expect((await outcomeOf(ask())).error).toBeUndefined();
    await Promise.all(slow);
  });

  it('includes the wait for a connection in the limit', async () => {
    const slow = Array.from({ length: 10 }, () => database.query('SELECT pg_sleep(1)', []));
    const late = expectUnavailable(database.query('SELECT pg_sleep(1.3)', []));
    expect(await late).toBeLessThan(2_400);
    await Promise.all(slow);
  });

  it('leaves no transaction open on a connection that others get', async () => {
    const slow = database.group([
      statement('INSERT INTO things VALUES (2)'),
      statement('UPDATE things SET id = 3 WHERE pg_sleep(1.4) IS NOT NULL'),
      statement('UPDATE things SET id = 4 WHERE pg_sleep(1.4) IS NOT NULL'),
    ]);
    await expectUnavailable(slow);
    await until(() =>
      ask().then(
        () => true,
        () => false,
      ),
    );
    await until(
      async () =>
        (await server.query(NAME, "SELECT 1 FROM pg_stat_activity WHERE state LIKE 'idle in%'"))
          .length === 0,
    );
    expect(await server.query(NAME, 'SELECT * FROM things')).toEqual([]);
  });

  it('survives connections that the server ends while they are handed over', async () => {
    const end =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'";
    for (let round = 0; round < 20; round++) {
      const asked = Promise.allSettled(Array.from({ length: 100 }, ask));
      await server.query(NAME, end);
      await asked;
    }
    await until(() =>
      ask().then(
        () => true,
        () => false,
      ),
    );
  });
});
