import { nameOf, type Outcome, type Prepared, type SqlText } from './prepared.js';

/** How many of a query's round trips are under way at a time. */
const AT_ONCE = 2;

/** How many are answered by one statement at most. */
const MOST = 100;

interface Asked {
  values: readonly unknown[];
  resolve: (outcome: Outcome) => void;
  reject: (error: unknown) => void;
}

/**
 * A query that many requests run at the same time: while some are being answered, the others gather, and the next
 * round trip is for all of them. A request that comes alone does not wait. Each is answered by a statement that
 * began after it arrived, so it reads nothing older than it would on its own.
 */
export class GatheredQuery {
  private readonly query: SqlText;
  private readonly waiting: Asked[] = [];
  private isGathering = false;
  private running = 0;

  /** @param one all of its parameters are texts */
  constructor(
    one: Prepared,
    private readonly run: (query: SqlText, values: unknown[]) => Promise<Outcome>,
  ) {
    const text = forMany(one);
    this.query = { text, name: nameOf(text) };
  }

  ask(values: readonly unknown[]): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ values, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.isGathering || this.running >= AT_ONCE || this.waiting.length === 0) return;
    this.isGathering = true;
    // Those of the same turn of the event loop come along.
    setImmediate(() => {
      this.isGathering = false;
      this.running++;
      void this.answer(this.waiting.splice(0, MOST)).finally(() => {
        this.running--;
        this.next();
      });
      this.next();
    });
  }

  private async answer(asked: readonly Asked[]): Promise<void> {
    try {
      const answers = await this.answersTo(asked);
      asked.forEach(({ resolve }, i) => resolve({ rows: answers[i] ?? [], affected: 0 }));
    } catch (error) {
      if (asked.length > 1 && isOfValue(error))
        await Promise.all(asked.map((one) => this.answer([one])));
      else for (const { reject } of asked) reject(error);
    }
  }

  private async answersTo(asked: readonly Asked[]): Promise<unknown[][]> {
    const lists = asked[0]?.values.map((_, i) => asked.map(({ values }) => values[i])) ?? [];
    const { rows } = await this.run(this.query, lists);
    const answers = asked.map((): unknown[] => []);
    for (const row of rows as { place: string }[]) answers[Number(row.place) - 1]?.push(row);
    return answers;
  }
}

/** PostgreSQL refuses a value, such as a text with a NUL (class 22, data exception): the others' may be valid. */
function isOfValue(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('22');
}

/** The same query for lists of its parameters; each row says for which place in the lists it is. */
function forMany({ text, order }: Prepared): string {
  const names = order.map((_, i) => `p${i + 1}`);
  const lists = names.map((_, i) => `$${i + 1}::text[]`).join(', ');
  const one = text.replace(/\$(\d+)/g, 'asked.p$1');
  return (
    `SELECT asked.place, answer.* FROM unnest(${lists}) WITH ORDINALITY AS asked (${names.join(', ')}, place) ` +
    `CROSS JOIN LATERAL (${one}) AS answer`
  );
}
