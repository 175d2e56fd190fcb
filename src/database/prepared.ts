import { createHash } from 'node:crypto';

/** A query builder, before the values of its parameters are known. */
interface Builder {
  setParameters(parameters: Record<string, string>): {
    getQueryAndParameters(): [sql: string, parameters: unknown[]];
  };
}

/** SQL, and the name under which PostgreSQL keeps its plan. */
export interface SqlText {
  readonly text: string;
  readonly name: string;
}

/**
 * A statement that TypeORM builds once, at the start: that takes longer than the database takes to answer.
 */
export class Prepared implements SqlText {
  readonly text: string;
  readonly name: string;

  /** The parameters in the order of the text. */
  readonly order: readonly string[];

  /** @param names the parameters that its text has */
  constructor(builder: Builder, names: readonly string[]) {
    // Each is its own value, so that the list shows their order in the text, including repeats.
    const parameters = Object.fromEntries(names.map((name) => [name, name]));
    const [text, order] = builder.setParameters(parameters).getQueryAndParameters();
    this.text = text;
    this.order = order as string[];
    this.name = nameOf(text);
  }

  /** The values in the order of the text. Booleans are for PostgreSQL alone: SQLite's driver accepts none. */
  bind(values: Record<string, unknown>): unknown[] {
    return this.order.map((name) => values[name]);
  }
}

/** It depends on the text: behind a pooler, instances of several versions meet each other's statements. */
export function nameOf(text: string): string {
  return `latchkey_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** The result of a statement: the rows of a query, or how many rows a change affected. */
export interface Outcome {
  rows: unknown[];
  affected: number;
}
