import type { Database as SqliteHandle, Statement } from 'better-sqlite3';
import type { Outcome, Prepared } from './prepared.js';

/** Runs statements that SQLite has compiled once. */
export class SqliteStatements {
  private readonly compiled = new WeakMap<Prepared, Statement>();

  constructor(private readonly handle: SqliteHandle) {}

  /** SQLite answers synchronously: there is nothing to wait for. */
  read(query: Prepared, values: unknown[]): Promise<Outcome> {
    return this.run(query, values);
  }

  run(prepared: Prepared, values: unknown[]): Promise<Outcome> {
    const statement = this.compile(prepared);
    const outcome = statement.reader
      ? { rows: statement.all(...values), affected: 0 }
      : { rows: [], affected: statement.run(...values).changes };
    return Promise.resolve(outcome);
  }

  private compile(prepared: Prepared): Statement {
    let statement = this.compiled.get(prepared);
    if (!statement) {
      statement = this.handle.prepare(prepared.text);
      this.compiled.set(prepared, statement);
    }
    return statement;
  }
}
