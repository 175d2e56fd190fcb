import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import type { ColumnMetadata } from 'typeorm/metadata/ColumnMetadata.js';
import { Recorder } from '../audit/recorder.js';
import { canonicalAddress, canonicalName } from '../common/canonical-text.js';
import { Clock } from '../common/clock.js';
import { mayPass } from '../database/database-errors.js';
import { Database } from '../database/database.js';
import { addressColumns } from '../users/address-columns.js';
import { ReleasedUsername } from '../users/released-username.entity.js';
import { User } from '../users/user.entity.js';
import type { ImportedUser } from './imported-user.js';

/** A row that has a name or an address of a user to be imported. */
export interface SimilarRow {
  username: string | null;
  email: string | null;
  username_key: string | null;
  email_key: string | null;
  pending_until: number | string | null;
}

const COLUMNS = [
  'username',
  'usernameKey',
  'email',
  'emailKey',
  'fullName',
  'disabled',
  'hashedPassword',
  'scopes',
  'emailVerifiedAt',
  'createdAt',
] as const satisfies (keyof User)[];

/** The delay before a retry when the database doesn't answer, in milliseconds: an import is not urgent. */
const PAUSES = [1_000, 2_000, 4_000, 8_000];

/**
 * The statements of an import, each for many users at once: written by hand, since the query builder takes several
 * times as long as the database.
 */
@Injectable()
export class UserRows {
  /** The last statement that inserts so many rows: most batches are of the same size. */
  private insertion = { rows: 0, sql: '' };

  private readonly columns: [(typeof COLUMNS)[number], ColumnMetadata][];

  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    @InjectRepository(ReleasedUsername) private readonly released: Repository<ReleasedUsername>,
    private readonly database: Database,
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {
    const { metadata } = users;
    this.columns = COLUMNS.flatMap((property) => {
      const column = metadata.findColumnWithPropertyName(property);
      return column ? [[property, column]] : [];
    });
  }

  /** The rows that could conflict with these users. */
  findSimilar(users: readonly ImportedUser[]): Promise<SimilarRow[]> {
    const names = users.map(({ username }) => username);
    const addresses = users.flatMap(({ email }) => email ?? []);
    const lists = {
      username_key: names.map(canonicalName),
      username: names,
      email_key: addresses.map(canonicalAddress),
      email: addresses,
    };
    const parameters: string[] = [];
    const conditions = Object.entries(lists)
      .filter(([, values]) => values.length > 0)
      .map(([column, values]) => `${column} IN (${this.bind(parameters, values)})`);
    return this.query(
      `SELECT username, email, username_key, email_key, pending_until FROM ${this.users.metadata.tableName} ` +
        `WHERE ${conditions.join(' OR ')}`,
      parameters,
    );
  }

  /** Which of these users' names belonged to another user until lately, in canonical form. */
  async findUnfree(users: readonly ImportedUser[]): Promise<Set<string>> {
    const parameters: unknown[] = [];
    const keys = users.map(({ username }) => canonicalName(username));
    const list = this.bind(parameters, keys);
    const rows = await this.query<{ username_key: string }>(
      `SELECT username_key FROM ${this.released.metadata.tableName} ` +
        `WHERE username_key IN (${list}) AND free_at > ${this.bind(parameters, [this.clock.now()])}`,
      parameters,
    );
    return new Set(rows.map((row) => row.username_key));
  }

  /** All of them or none. @throws UniqueViolation */
  async insert(users: readonly ImportedUser[]): Promise<void> {
    const values = users.flatMap((user) => this.valuesOf(user));
    const sql = this.insertionOf(users.length);
    await patiently(() =>
      this.database.group([
        { getQueryAndParameters: () => [sql, values] },
        // One for the whole batch, not for each: an import should not take twice as long.
        this.recorder.recordingOwn('users_imported', { details: { users: users.length } }),
      ]),
    );
  }

  private query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    return patiently(() => this.database.query<T>(sql, parameters));
  }

  private insertionOf(rows: number): string {
    if (rows === this.insertion.rows) return this.insertion.sql;
    const { metadata } = this.users;
    const names = this.columns.map(([, { databaseName }]) => databaseName);
    const parameters: unknown[] = [];
    const tuples = Array.from({ length: rows }, () => `(${this.bind(parameters, COLUMNS)})`);
    const sql = `INSERT INTO ${metadata.tableName} (${names.join(', ')}) VALUES ${tuples.join(', ')}`;
    this.insertion = { rows, sql };
    return sql;
  }

  private valuesOf(user: ImportedUser): unknown[] {
    const { username, email } = user;
    const row = { ...user, usernameKey: canonicalName(username), ...addressColumns(email) };
    const { driver } = this.users.metadata.dataSource;
    // As the driver has them: SQLite has no booleans.
    return this.columns.map(([property, column]): unknown =>
      driver.preparePersistentValue(row[property], column),
    );
  }

  /** Puts values among the parameters. @returns their placeholders, as the database writes them */
  private bind(parameters: unknown[], values: readonly unknown[]): string {
    const { driver } = this.users.metadata.dataSource;
    return values.map((value) => driver.createParameter('', parameters.push(value) - 1)).join(', ');
  }
}

async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const pause of PAUSES) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
      await sleep(pause);
    }
  }
  return work();
}
