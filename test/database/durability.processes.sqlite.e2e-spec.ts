import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { DataSource } from 'typeorm';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { runCli, startEndlessWriter } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

describe('a writer that is killed', () => {
  let folder: TemporaryFolder;
  beforeAll(() => void (folder = new TemporaryFolder()));
  afterAll(() => folder.remove());

  /** @returns the names that were acknowledged before the kill */
  async function writeUntilKilled(moment: number): Promise<string[]> {
    const writer = await startEndlessWriter(folder);
    const closed = once(writer, 'close');
    const names: string[] = [];
    createInterface(writer.stdout).on('line', (name) => {
      names.push(name);
      if (names.length === moment) writer.kill('SIGKILL');
    });
    expect(await closed).toEqual([null, 'SIGKILL']);
    return names;
  }

  it('loses nothing that it acknowledged, in ten kills', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 10; round++) {
      acknowledged.push(...(await writeUntilKilled(1 + Math.floor(Math.random() * 150))));
    }
    const database = openSqlite(folder.join('users.db'));
    const rows = database.prepare('SELECT username FROM users').pluck().all();
    expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }]);
    database.close();
    expect(rows).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged.length).toBeGreaterThanOrEqual(10);
  });
});

describe("the service's connection to SQLite", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it.each([
    ['journal_mode', 'wal'],
    ['synchronous', 2],
    ['foreign_keys', 1],
    ['trusted_schema', 0],
  ])('has %s = %s', async (pragma, value) => {
    const [row] = await app.app.get(DataSource).query<object[]>(`PRAGMA ${pragma}`);
    expect(Object.values(row!)).toEqual([value]);
  });

  it('waits for a lock only briefly', async () => {
    const [row] = await app.app.get(DataSource).query<object[]>('PRAGMA busy_timeout');
    expect(Object.values(row!)[0]).toBeLessThanOrEqual(20);
  });
});

describe('while another connection holds the write lock', () => {
  let app: TestApp;
  let other: SqliteHandle;
  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
    other = openSqlite(app.folder.join('users.db'));
  });
  afterEach(() => {
    if (other.inTransaction) other.exec('ROLLBACK');
  });
  afterAll(async () => {
    other.close();
    await app.close();
  });

  it('waits for half a second, and writes', async () => {
    other.exec('BEGIN IMMEDIATE');
    const written = app.createUser({ username: 'patient' });
    await sleep(500);
    other.exec('COMMIT');
    await written;
    expect(await app.accessToken({ username: 'patient' })).toBeTruthy();
  });

  it('gives a write up after 2 s with 503 and Retry-After, and reads continue meanwhile', async () => {
    const token = await app.accessToken();
    other.exec('BEGIN IMMEDIATE');
    const written = app.createUser({ username: 'late' }).catch((error: unknown) => error);
    expect((await app.readProfile(token)).status).toBe(200);
    expect((await fetch(`${app.url}/health/ready`)).status).toBe(200);
    expect(await written).toMatchObject({
      status: 503,
      code: 'temporarily_unavailable',
      headers: { 'Retry-After': expect.stringMatching(/^\d+$/) },
    });
  });

  it('makes the command line say the same in a sentence', async () => {
    other.exec('BEGIN IMMEDIATE');
    expect(await runCli(app.folder, ['user', 'delete', 'alex'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'The database does not answer; try again\n',
    });
  });

  it('answers a login, which opens a session, with 503 and Retry-After', async () => {
    other.exec('BEGIN IMMEDIATE');
    const response = await app.login();
    expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
    await expectOAuthError(response, 503, 'temporarily_unavailable');
    other.exec('COMMIT');
    expect((await app.login()).status).toBe(200);
  });
});
