import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from './database-errors.js';

/** How long one piece of work may take, with the wait for a connection, in milliseconds. */
const PATIENCE_MS = 1_800;

/** How long a connection is lent at most, in milliseconds. The server's own limit on a statement comes before it. */
const LONGEST_LOAN_MS = 1_700;

/** How often it is tried whether a server that didn't answer is back, in milliseconds. */
const PROBE_INTERVAL_MS = 250;

/** What is used of pg's client here; it has no types of its own. */
interface Client extends EventEmitter {
  connection: { stream: { destroy(error: Error): void } };
}

/**
 * Keeps dead connections out of pg's pool, and knows whether the server is away: while it is, nobody has to wait to
 * hear so (docs/decisions/0016-a-database-that-is-away.md).
 */
export class PostgresPool {
  private readonly lent = new Map<Client, NodeJS.Timeout>();
  private readonly idle = new Set<Client>();
  private readonly known = new WeakSet<Client>();
  private isEnding = false;
  private isAway = false;

  /** @param probe asks the server for something, through the pool */
  constructor(
    pool: EventEmitter,
    private readonly probe: () => Promise<unknown>,
  ) {
    pool.on('acquire', (client: Client) => this.lend(client));
    pool.on('release', (_: unknown, client: Client) => this.takeBack(client));
    pool.on('remove', (client: Client) => this.idle.delete(client));
  }

  /** @throws DatabaseUnavailable at once while the server is away, and when the work takes too long */
  async bound<T>(work: () => Promise<T>): Promise<T> {
    if (this.isAway) throw new DatabaseUnavailable(new Error('PostgreSQL is away: no connection'));
    try {
      return await inTime(work());
    } catch (error) {
      if (error instanceof DatabaseUnavailable && isNoConnection(error.cause)) this.goAway();
      throw error;
    }
  }

  /** Looks for the server no more, and waits for no goodbye of it. */
  end(): void {
    this.isEnding = true;
    for (const client of this.idle) cutOff(client);
  }

  private lend(client: Client): void {
    this.idle.delete(client);
    if (!this.known.has(client)) this.hearErrorsOf(client);
    const timer = afterStandstill(LONGEST_LOAN_MS, () => {
      if (this.lent.get(client) !== timer) return;
      cutOff(client);
      this.goAway();
    });
    this.lent.set(client, timer);
  }

  /**
   * Whoever gets the connection listens for its errors a moment later only. The server's farewell in that moment
   * would end the process; this way the next query on it fails, and the pool drops it.
   */
  private hearErrorsOf(client: Client): void {
    this.known.add(client);
    client.on('error', () => undefined);
  }

  private takeBack(client: Client): void {
    clearTimeout(this.lent.get(client));
    this.lent.delete(client);
    this.idle.add(client);
  }

  private goAway(): void {
    if (this.isAway || this.isEnding) return;
    this.isAway = true;
    // They lead to where the others led; found dead one by one, each would cost somebody the whole wait.
    for (const client of this.idle) cutOff(client);
    void this.untilBack();
  }

  private async untilBack(): Promise<void> {
    while (this.isAway && !this.isEnding) {
      try {
        await this.probe();
        this.isAway = false;
      } catch {
        await sleep(PROBE_INTERVAL_MS, undefined, { ref: false });
      }
    }
  }
}

/** Nothing is made beforehand for the case that is rare: an error has its stack read when it is made. */
function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = afterStandstill(PATIENCE_MS, () => reject(new DatabaseUnavailable(noAnswer())));
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** After a standstill of this process the answer may be there already: it is read before the immediate. */
function afterStandstill(delay: number, act: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(act), delay).unref();
}

/** pg-pool's words for a connection that doesn't come about in time, not for one that none was free of. */
export function isNoConnection(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('due to connection timeout');
}

/** Whatever waits for it fails, and the pool drops it: it never comes back with a transaction open. */
function cutOff(client: Client): void {
  client.connection.stream.destroy(noAnswer());
}

function noAnswer(): Error {
  return Object.assign(new Error('PostgreSQL did not answer in time'), { code: 'ETIMEDOUT' });
}
