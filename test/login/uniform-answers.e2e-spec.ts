import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type BetterSqlite3 from 'better-sqlite3';
import { DataSource, type Logger } from 'typeorm';
import type { BetterSqlite3Driver } from 'typeorm/driver/better-sqlite3/BetterSqlite3Driver.js';
import type { AfterQueryEvent } from 'typeorm/subscriber/event/QueryEvent.js';
import { bcryptWork } from '../support/bcrypt-work.js';
import { createTestApp, PASSWORD, type TestApp, TEST_COST } from '../support/create-test-app.js';
import { holdMail } from '../support/delivered-mail.js';
import { sendRaw } from '../support/raw-http.js';
import { sql } from '../support/sql.js';
import { kind } from '../support/test-database.js';

/** The service's use of its database: every statement, and how many rows it changed. */
class WatchedDatabase {
  readonly statements: string[] = [];
  changes = 0;

  constructor({ app }: TestApp) {
    const dataSource = app.get(DataSource);
    const logQuery = (statement: string) => void this.statements.push(statement);
    dataSource.logger = { logQuery } as unknown as Logger;
    if (kind() === 'SQLite') this.watchFile(dataSource);
    else dataSource.subscribers.push({ afterQuery: (event) => this.countChanges(event) });
  }

  /** Those of a group bypass the logger. */
  private watchFile(dataSource: DataSource): void {
    const handle = (dataSource.driver as BetterSqlite3Driver)
      .databaseConnection as BetterSqlite3.Database;
    const total = handle.prepare('SELECT total_changes()').pluck();
    Object.defineProperty(this, 'changes', { get: () => Number(total.get()) });
    const prepare = handle.prepare.bind(handle);
    handle.prepare = (statement: string) => {
      this.statements.push(statement);
      return prepare(statement);
    };
  }

  /** pg's result of a statement. */
  private countChanges({ rawResults }: AfterQueryEvent): void {
    const { command, rowCount } = rawResults as { command: string; rowCount: number | null };
    if (/^(INSERT|UPDATE|DELETE)$/.test(command)) this.changes += rowCount ?? 0;
  }
}

/** What a client can observe, and what the service did for it. */
interface Observation {
  answer: string;
  statements: string[];
  changes: number;
  hashing: number;
  /** How many rows each table gained. */
  rows: Record<string, number>;
}

const TABLES = [
  ...['users', 'outgoing_mails', 'one_time_tokens', 'sessions', 'mail_allowances'],
  'audit_entries',
];

describe('The response, and the work, for a known address and an unknown one', () => {
  let app: TestApp;
  let database: WatchedDatabase;
  let count = 0;

  beforeAll(async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' });
    await app.createUser({ username: 'known', email: 'known@example.com' });
    await app.createUser({ username: 'verified', email: 'verified@example.com' });
    await app.createUser({ username: 'disabled', email: 'disabled@example.com', disabled: true });
    await sql(app, `UPDATE users SET email_verified_at = 1 WHERE username = 'verified'`);
    await sql(app, `UPDATE users SET scopes = 'users:write' WHERE username = 'verified'`);
    // It runs on its own schedule, and not because of a request.
    holdMail(app);
    database = new WatchedDatabase(app);
  });
  afterAll(() => app.close());

  async function rowCounts(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const table of TABLES) {
      const [row] = await sql<{ n: number }>(app, `SELECT count(*) AS n FROM ${table}`);
      counts[table] = row!.n;
    }
    return counts;
  }

  /** The bytes of the response, except the date and the request id. */
  async function post(path: string, body: object): Promise<string> {
    const text = JSON.stringify(body);
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: latchkey.test',
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(text)}`,
      'Connection: close',
    ];
    const answer = await sendRaw(app.port, `${head.join('\r\n')}\r\n\r\n${text}`);
    return answer
      .replace(/^Date: .*$/m, 'Date: now')
      .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'the request id');
  }

  async function observe(path: string, body: object): Promise<Observation> {
    const before = await rowCounts();
    const changed = database.changes;
    database.statements.length = 0;
    let answer = '';
    const hashing = await bcryptWork(async () => void (answer = await post(path, body)));
    const statements = [...database.statements];
    const changes = database.changes - changed;
    const after = Object.entries(await rowCounts());
    const added = after.map(([table, n]) => [table, n - before[table]!]);
    const rows = Object.fromEntries(added) as Observation['rows'];
    return { answer, statements, changes, hashing, rows };
  }

  const newName = () => `asker-${String((count += 1)).padStart(4, '0')}`;
  const KNOWN = [
    'known@example.com',
    'KNOWN@EXAMPLE.COM',
    'verified@example.com',
    'disabled@example.com',
  ];

  it.each([
    ['/users', 2 ** TEST_COST, { users: 1, outgoing_mails: 1, audit_entries: 1 }],
    ['/password-reset', 0, { outgoing_mails: 1 }],
    ['/email-verification', 0, { outgoing_mails: 1 }],
  ])('is the same at POST %s', async (path, hashing, rows) => {
    const bodyFor = (email: string) =>
      path === '/users' ? { username: newName(), password: PASSWORD, email } : { email };
    // A statement is prepared on first use.
    for (const email of ['known@example.com', 'first@example.com'])
      await post(path, bodyFor(email));
    const unknown = await observe(path, bodyFor('nobody@example.com'));
    expect(unknown.answer).toMatch(/^HTTP\/1\.1 202 Accepted\r\n/);
    expect(unknown).toMatchObject({ hashing, rows });
    expect(unknown.changes).toBe(Object.values(rows).reduce((sum, n) => sum + n, 0));
    expect(unknown.statements.length).toBeGreaterThan(0);
    for (const email of [...KNOWN, 'somebody.else@example.org']) {
      expect({ email, ...(await observe(path, bodyFor(email))) }).toEqual({ email, ...unknown });
    }
  });

  it('is the same where the account waits for its link', async () => {
    const [one, other] = [newName(), newName()];
    await post('/users', { username: one, password: PASSWORD, email: 'known@example.com' });
    await post('/users', { username: other, password: PASSWORD, email: 'other@example.com' });
    const answers: string[][] = [];
    for (const username of [one, other]) {
      const login = await app.login({ username });
      const wrong = await app.login({ username, password: 'wrong horse' });
      const taken = await post('/users', { username, password: PASSWORD, email: 'x@example.com' });
      answers.push([await login.text(), await wrong.text(), taken.replaceAll(username, 'name')]);
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]![0]).toContain('E-mail address not verified');
  });

  it('leaves rows that differ only in what was entered', async () => {
    const [one, other] = [newName(), newName()];
    await post('/users', { username: one, password: PASSWORD, email: 'known@example.com' });
    await post('/users', { username: other, password: PASSWORD, email: 'brand-new@example.com' });
    const rowsOf = async (username: string) => {
      const [user] = await sql<Record<string, unknown>>(
        app,
        'SELECT * FROM users WHERE username = ?',
        username,
      );
      const [mail] = await sql<Record<string, unknown>>(
        app,
        'SELECT * FROM outgoing_mails WHERE user_id = ?',
        user!.id,
      );
      const typed = { id: 0, username: '', username_key: '', hashed_password: '' };
      return [
        { ...user, ...typed },
        { ...mail, id: 0, user_id: 0, address: '' },
      ];
    };
    expect(await rowsOf(one)).toEqual(await rowsOf(other));
  });
});
