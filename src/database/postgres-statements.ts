import { GatheredQuery } from './gathered-query.js';
import type { Outcome, Prepared, SqlText } from './prepared.js';

/**
 * PostgreSQL's errors where a named statement is not the one that this connection prepared: it doesn't exist
 * (invalid_sql_statement_name), it exists (duplicate_prepared_statement), or its columns have changed
 * (feature_not_supported). They come before anything is done, so the statement can be sent again.
 */
const NOT_KEPT = new Set(['26000', '42P05', '0A000']);

/** The parts of pg's pool and its clients that are used here; they have no types of their own. */
export interface Pool {
  connect(callback: (error: Error | undefined, client: Client) => void): void;
}
interface Client {
  query(config: Query, callback: (error: Error | null, result: Result) => void): void;
  release(): void;
}
interface Query {
  name?: string;
  text: string;
  values: unknown[];
}
interface Result {
  rows: unknown[];
  rowCount: number | null;
}

/**
 * Runs statements that PostgreSQL parses and plans once per connection, each in one round trip on a pooled connection.
 * Behind a pooler that hands out another connection for each transaction, and doesn't keep track of names
 * (docs/operating.md), the first failure is the last: from then on they go without.
 */
export class PostgresStatements {
  private areKept = true;
  private readonly gathered = new Map<Prepared, GatheredQuery>();

  constructor(private readonly pool: Pool) {}

  /** A query, batched with the same query of other requests. */
  read(query: Prepared, values: unknown[]): Promise<Outcome> {
    let gathered = this.gathered.get(query);
    if (!gathered) {
      gathered = new GatheredQuery(query, (sql, lists) => this.run(sql, lists));
      this.gathered.set(query, gathered);
    }
    return gathered.ask(values);
  }

  async run({ name, text }: SqlText, values: unknown[]): Promise<Outcome> {
    if (!this.areKept) return this.send({ text, values });
    try {
      return await this.send({ name, text, values });
    } catch (error) {
      if (!NOT_KEPT.has(String((error as { code?: unknown }).code))) throw error;
      this.areKept = false;
      return this.send({ text, values });
    }
  }

  private send(query: Query): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.pool.connect((noConnection, client) => {
        if (noConnection) {
          reject(noConnection);
          return;
        }
        client.query(query, (error, result) => {
          // A dead one is dropped by the pool.
          client.release();
          if (error) reject(error);
          else resolve({ rows: result.rows, affected: result.rowCount ?? 0 });
        });
      });
    });
  }
}
