import { createHash } from 'node:crypto';

/** A query builder, before the values of its parameters are known. */
interface Builder {
  setParameters(parameters: Record<string, string>): {
    getQueryAndParameters(): [sql: string, parameters: unknown[]];
  };
}

/** SQL, and what PostgreSQL keeps its plan under. */
export interface SqlText {
  readonly text: string;
  readonly name: string;
}

/**
 * A statement that TypeORM writes once, at the start: it takes longer over the text than the database over the answer.
 */
export class Prepared implements SqlText {
  readonly text: string;
  readonly name: string;

  /** The parameters as the text wants them. */
  readonly order: readonly string[];

  /** @param names the parameters that its text has */
  constructor(builder: Builder, names: readonly string[]) {
    // Each is its own value, so that the list says in which order the text wants them, be it twice.
    const parameters = Object.fromEntries(names.map((name) => [name, name]));
    const [text, order] = builder.setParameters(parameters).getQueryAndParameters();
    this.text = text;
    this.order = order as string[];
    this.name = nameOf(text);
  }

  /** The values in the order of the text. A boolean is for PostgreSQL alone: SQLite's driver takes none. */
  bind(values: Record<string, unknown>): unknown[] {
    return this.order.map((name) => values[name]);
  }
}

/** It tells the text: behind a pooler, instances of several versions come upon each other's statements. */
export function nameOf(text: string): string {
  return `latchkey_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** What came of a statement: of a query its rows, of a change how many rows it affected. */
export interface Outcome {
  rows: unknown[];
  affected: number;
}
