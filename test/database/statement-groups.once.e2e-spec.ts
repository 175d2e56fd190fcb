import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { Problem } from '../../src/http/problem.js';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { UsernameTaken } from '../../src/users/user-errors.js';
import { Client } from '../../src/clients/client.entity.js';
import type { Database, Statement } from '../../src/database/database.js';
import { DatabaseUnavailable, UniqueViolation } from '../../src/database/database-errors.js';
import { RevocationCounter } from '../../src/sessions/revocation-counter.entity.js';
import { Session } from '../../src/sessions/session.entity.js';
import { openDatabase, type OpenDatabase } from '../support/open-database.js';
import { PostgresServer } from '../support/postgres.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const NAME = 'latchkey';
const TWENTY = Array.from({ length: 20 }, (_, i) => i);

let folder: TemporaryFolder;
let server: PostgresServer;
let urls: Record<string, string>;

beforeAll(async () => {
  folder = new TemporaryFolder();
  server = await PostgresServer.start();
  urls = {
    SQLite: `sqlite:///${folder.join('users.db')}`,
    PostgreSQL: await server.createDatabase(NAME),
  };
});
afterAll(async () => {
  await server.remove();
  await folder.remove();
});

/** Statements on tables of the service, with as little in their rows as the columns allow. */
function statementsOn({ dataSource }: OpenDatabase) {
  const insertClient = (id: string) =>
    dataSource
      .createQueryBuilder()
      .insert()
      .into(Client)
      .values({ id, secretHash: 'x', createdAt: 1 });
  const touchClient = (id: string): Statement =>
    dataSource.createQueryBuilder().update(Client).set({ createdAt: 2 }).where({ id });
  const count = (): Statement =>
    dataSource
      .createQueryBuilder()
      .update(RevocationCounter)
      .set({ value: () => 'value + 1' })
      .where('TRUE');
  const insertNumbered = (id: string): Statement =>
    dataSource
      .createQueryBuilder()
      .insert()
      .into(Session)
      .values({
        ...{ id, clientAuthenticated: true, createdAt: 1, lastUsedAt: 1, refreshCounter: 0 },
        ...{ tokensExpireAt: 1, expiresAt: 1 },
        revokedSeq: () => '(SELECT value FROM revocation_counter)',
      });
  return { insertClient, touchClient, count, insertNumbered };
}

describe.each(['SQLite', 'PostgreSQL'])('a group of statements on %s', (kind) => {
  let open: OpenDatabase;
  let database: Database;
  let make: ReturnType<typeof statementsOn>;

  beforeAll(async () => {
    open = await openDatabase(urls[kind]!);
    database = open.database;
    make = statementsOn(open);
  });
  afterAll(() => open.dataSource.destroy());
  beforeEach(async () => {
    for (const table of ['clients', 'sessions']) await database.query(`DELETE FROM ${table}`, []);
    await database.query('UPDATE revocation_counter SET value = 0', []);
  });

  const clients = async () => {
    const rows = await database.query<{ id: string }>('SELECT id FROM clients ORDER BY id', []);
    return rows.map(({ id }) => id);
  };
  const numbers = async () => {
    const rows = await database.query<{ n: number | string }>(
      'SELECT revoked_seq AS n FROM sessions ORDER BY revoked_seq',
      [],
    );
    return rows.map(({ n }) => Number(n));
  };

  it('is done as a whole', async () => {
    expect(await database.group([make.insertClient('a'), make.insertClient('b')])).toBe(true);
    expect(await clients()).toEqual(['a', 'b']);
  });

  it.each([
    ['the second', () => [make.insertClient('a'), make.insertClient('taken')]],
    ['the last', () => [make.insertClient('a'), make.touchClient('a'), make.insertClient('a')]],
    ['the first', () => [make.insertClient('taken'), make.insertClient('b')]],
  ])('leaves nothing when %s violates a unique index, and says which', async (_, statements) => {
    await database.run(() => make.insertClient('taken').execute());
    const failed = database.group(statements() as [Statement, ...Statement[]]);
    await expect(failed).rejects.toEqual(new UniqueViolation('id'));
    expect(await clients()).toEqual(['taken']);
  });

  it('leaves nothing when a later one fails otherwise', async () => {
    const homeless = open.dataSource
      .createQueryBuilder()
      .update(Session)
      .set({ userId: 404 })
      .where('TRUE');
    const group = database.group([
      make.insertClient('a'),
      make.insertNumbered('s'),
      homeless,
      make.insertClient('b'),
    ]);
    await expect(group).rejects.toThrow(DatabaseUnavailable);
    expect(await clients()).toEqual([]);
    expect(await numbers()).toEqual([]);
  });

  it('does nothing when the first affects no row, and says so', async () => {
    const group = [make.touchClient('nobody'), make.insertClient('a')] as const;
    expect(await database.group(group)).toBe(false);
    expect(await clients()).toEqual([]);
  });

  it('continues when a later one affects no row', async () => {
    const group = [make.insertClient('a'), make.touchClient('nobody'), make.insertClient('b')];
    expect(await database.group(group as [Statement, ...Statement[]])).toBe(true);
    expect(await clients()).toEqual(['a', 'b']);
  });

  describe('with a demand', () => {
    const demand = (id: string, rows: 'some' | 'none') => ({
      statement: make.touchClient(id),
      rows,
      otherwise: () => new Problem({ status: 409, code: `${id}_${rows}`, detail: 'Not so' }),
    });
    beforeEach(() => database.run(() => make.insertClient('there').execute()));

    it.each([
      ['there', 'some'],
      ['missing', 'none'],
    ] as const)('is done when it is met: %s, %s', async (id, rows) => {
      const group = [make.insertClient('a'), demand(id, rows), make.insertClient('b')] as const;
      expect(await database.group(group)).toBe(true);
      expect(await clients()).toEqual(['a', 'b', 'there']);
    });

    it.each([
      ['there', 'none'],
      ['missing', 'some'],
    ] as const)('leaves nothing when it is not, and says why: %s, %s', async (id, rows) => {
      const refused = demand(id, rows).otherwise();
      for (const group of [
        [make.insertClient('a'), demand(id, rows), make.insertClient('b')],
        [make.insertClient('a'), make.count(), demand(id, rows)],
        [demand(id, rows), make.insertClient('a')],
      ] as const) {
        await expect(database.group(group)).rejects.toEqual(refused);
        expect(await clients()).toEqual(['there']);
      }
      const touched = await database.query('SELECT id FROM clients WHERE created_at = 2', []);
      expect(touched).toEqual([]);
      expect(await database.group([make.insertClient('a')])).toBe(true);
    });

    it('in first place is no condition: the rest is done where it demands no row', async () => {
      expect(await database.group([demand('missing', 'none'), make.insertClient('a')])).toBe(true);
      expect(await clients()).toEqual(['a', 'there']);
    });

    it('is not retried where the error is not the database’s', async () => {
      let count = 0;
      const counted = {
        ...demand('there', 'none'),
        otherwise: () => {
          count++;
          return new UsernameTaken('there');
        },
      };
      await expect(database.group([counted])).rejects.toThrow(UsernameTaken);
      expect(count).toBe(1);
    });
  });

  it('can be run again as it is', async () => {
    const group = [make.count(), make.touchClient('nobody')] as const;
    expect([await database.group(group), await database.group(group)]).toEqual([true, true]);
    expect(await database.query('SELECT value FROM revocation_counter', [])).toEqual([
      { value: kind === 'SQLite' ? 2 : '2' },
    ]);
  });

  it('binds booleans', async () => {
    await database.group([make.insertNumbered('s')]);
    const authenticated = (from: boolean, to: boolean): Statement =>
      open.dataSource
        .createQueryBuilder()
        .update(Session)
        .set({ clientAuthenticated: to })
        .where({ clientAuthenticated: from })
        .andWhere('COALESCE(client_authenticated, :no) = :from', { no: false, from });
    expect(await database.group([authenticated(false, true)])).toBe(false);
    expect(await database.group([authenticated(true, false)])).toBe(true);
    expect(await database.group([authenticated(true, false)])).toBe(false);
  });

  it('includes no write of another request, with twenty at once', async () => {
    await database.run(() => make.insertClient('taken').execute());
    const outcomes = await Promise.allSettled(
      TWENTY.flatMap((i) => [
        database.run(() => make.insertClient(`single-${i}`).execute()),
        database.group([
          make.insertClient(`group-${i}-a`),
          make.insertClient(i % 2 === 0 ? `group-${i}-b` : 'taken'),
        ]),
      ]),
    );
    const failed = outcomes.filter(({ status }) => status === 'rejected');
    expect(failed).toHaveLength(TWENTY.length / 2);
    const whole = TWENTY.filter((i) => i % 2 === 0);
    expect((await clients()).toSorted()).toEqual(
      [
        ...TWENTY.map((i) => `single-${i}`),
        ...whole.flatMap((i) => [`group-${i}-a`, `group-${i}-b`]),
        'taken',
      ].toSorted(),
    );
  });

  it('counts without a gap, in the order of the commits, from two instances', async () => {
    const other = await openDatabase(urls[kind]!);
    try {
      const instances = [
        { database, make },
        { database: other.database, make: statementsOn(other) },
      ];
      const over = new AbortController();
      const seen: number[][] = [];
      const watching = (async () => {
        while (!over.signal.aborted) seen.push(await numbers());
      })();
      await Promise.all(
        TWENTY.map((i) => {
          const instance = instances[i % 2]!;
          return instance.database.group([
            instance.make.count(),
            instance.make.insertNumbered(`s${i}`),
          ]);
        }),
      );
      over.abort();
      await watching;
      // A reader of the highest number has missed none below it.
      for (const some of seen) expect(some).toEqual(some.map((_, i) => i + 1));
      expect(await numbers()).toEqual(TWENTY.map((i) => i + 1));
    } finally {
      await other.dataSource.destroy();
    }
  });
});

describe('a group while another connection has the SQLite file locked', () => {
  let open: OpenDatabase;
  let other: SqliteHandle;
  beforeAll(async () => {
    open = await openDatabase(urls.SQLite!);
    other = openSqlite(folder.join('users.db'));
  });
  afterAll(async () => {
    other.close();
    await open.dataSource.destroy();
  });
  beforeEach(async () => {
    await open.database.query('DELETE FROM clients', []);
    other.exec('BEGIN IMMEDIATE');
  });

  const group = () => {
    const { insertClient } = statementsOn(open);
    return open.database.group([insertClient('a'), insertClient('b')]);
  };
  const count = () => other.prepare('SELECT COUNT(*) FROM clients').pluck().get();

  it('waits for it', async () => {
    const waiting = group();
    // The only sign that it waits is that it has neither failed nor been done by now.
    expect(await Promise.race([waiting, sleep(300)])).toBeUndefined();
    other.exec('COMMIT');
    expect(await waiting).toBe(true);
    expect(count()).toBe(2);
  });

  it('gives up after 2 s, and is not done later', async () => {
    await expect(group()).rejects.toThrow(DatabaseUnavailable);
    other.exec('COMMIT');
    expect(count()).toBe(0);
    expect(await group()).toBe(true);
  });
});

describe('a group while another connection has a row locked on PostgreSQL', () => {
  let open: OpenDatabase;
  let make: ReturnType<typeof statementsOn>;
  const ids = async () =>
    (await server.query(NAME, 'SELECT id FROM clients ORDER BY id')).map(({ id }) => id);
  const lock = () => server.hold(NAME, `BEGIN; UPDATE clients SET created_at = 3 WHERE id = 'x'`);
  const waitingBackend = () =>
    until(async () => {
      const [row] = await server.query(
        NAME,
        `SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'UPDATE%'`,
      );
      return row ? (row.pid as number) : false;
    });

  beforeEach(async () => {
    open = await openDatabase(urls.PostgreSQL!);
    make = statementsOn(open);
    await server.query(NAME, 'DELETE FROM clients');
    await open.database.group([make.insertClient('x'), make.insertClient('y')]);
  });
  afterEach(() => open.dataSource.destroy());

  it('waits for it', async () => {
    const release = await lock();
    const waiting = open.database.group([make.insertClient('a'), make.touchClient('x')]);
    await waitingBackend();
    expect(await ids()).toEqual(['x', 'y']);
    await release();
    expect(await waiting).toBe(true);
    expect(await ids()).toEqual(['a', 'x', 'y']);
  });

  it('gives up after 2 s with nothing done, and the connection stays usable', async () => {
    const release = await lock();
    const group = open.database.group([make.insertClient('a'), make.touchClient('x')]);
    await expect(group).rejects.toThrow(DatabaseUnavailable);
    await release();
    await open.database.run(() => make.insertClient('b').execute());
    expect(await ids()).toEqual(['b', 'x', 'y']);
  });

  it('leaves no open transaction to the next request when the server freezes meanwhile', async () => {
    const release = await lock();
    const group = open.database.group([make.insertClient('a'), make.touchClient('x')]);
    const backend = await waitingBackend();
    process.kill(backend, 'SIGSTOP');
    try {
      await expect(group).rejects.toThrow(DatabaseUnavailable);
    } finally {
      process.kill(backend, 'SIGCONT');
      await release();
    }
    await open.database.run(() => make.insertClient('b').execute());
    expect(await ids()).toEqual(['b', 'x', 'y']);
  });

  it('is retried after a deadlock', async () => {
    const other = open.dataSource.createQueryRunner();
    const touch = (id: string) =>
      other.query('UPDATE clients SET created_at = 3 WHERE id = $1', [id]);
    await other.startTransaction();
    await touch('x');
    const group = open.database.group([make.touchClient('y'), make.touchClient('x')]);
    await waitingBackend();
    // PostgreSQL decides which one may continue; nearly always it is the last one.
    await touch('y').then(
      () => other.commitTransaction(),
      () => other.rollbackTransaction(),
    );
    await other.release();
    expect(await group).toBe(true);
  });

  it('is done even if another instance hangs in the middle of its own', async () => {
    const hanging = open.dataSource.createQueryRunner();
    await hanging.startTransaction();
    await hanging.query(`UPDATE clients SET created_at = 3 WHERE id = 'x'`);
    expect(await open.database.group([make.touchClient('x')])).toBe(true);
    await hanging.release();
  });
});
