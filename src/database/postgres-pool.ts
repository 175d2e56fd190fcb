import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseUnavailable } from './database-errors.js';

/** How long one piece of work may take, including the wait for a connection, in milliseconds. */
const PATIENCE_MS = 1_800;

/** How long a connection is checked out at most, in milliseconds. The server's own statement limit comes first. */
const LONGEST_LOAN_MS = 1_700;

/** How often to probe whether a server that didn't answer is back, in milliseconds. */
const PROBE_INTERVAL_MS = 250;

/** The part of pg's client that is used here; it has no types of its own. */
interface Client extends EventEmitter {
  connection: { stream: { destroy(error: Error): void } };
}

/**
 * Keeps dead connections out of pg's pool, and knows whether the server is down: while it is, requests fail at
 * once (docs/decisions/0016-a-database-that-is-away.md).
 */
export class PostgresPool {
  private readonly lent = new Map<Client, NodeJS.Timeout>();
  private readonly idle = new Set<Client>();
  private readonly known = new WeakSet<Client>();
  private isEnding = false;
  private isAway = false;

  /** @param probe sends a query to the server, through the pool */
  constructor(
    pool: EventEmitter,
    private readonly probe: () => Promise<unknown>,
  ) {
    pool.on('acquire', (client: Client) => this.lend(client));
    pool.on('release', (_: unknown, client: Client) => this.takeBack(client));
    pool.on('remove', (client: Client) => this.idle.delete(client));
  }

  /** @throws DatabaseUnavailable at once while the server is down, and when the work takes too long */
  async bound<T>(work: () => Promise<T>): Promise<T> {
    if (this.isAway) throw new DatabaseUnavailable(new Error('PostgreSQL is away: no connection'));
    try {
      return await inTime(work());
    } catch (error) {
      if (error instanceof DatabaseUnavailable && isNoConnection(error.cause)) this.goAway();
      throw error;
    }
  }

  /** Stops probing, and does not wait for the server to confirm the end. */
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
   * The caller that gets the connection listens for its errors only a moment later. A server error in that moment
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
    // They are as dead as the others; found one by one, each would cost a request the whole timeout.
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

/** Not created in advance: the case is rare, and an error captures its stack when it is made. */
function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = afterStandstill(PATIENCE_MS, () => reject(new DatabaseUnavailable(noAnswer())));
    work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}

/** After a stall of this process the answer may have arrived already: it is read before the immediate. */
function afterStandstill(delay: number, act: () => void): NodeJS.Timeout {
  return setTimeout(() => setImmediate(act), delay).unref();
}

/** pg-pool's message for a connection that isn't established in time, not for a pool without a free one. */
export function isNoConnection(cause: unknown): boolean {
  return cause instanceof Error && cause.message.includes('due to connection timeout');
}

/** Everything that waits for it fails, and the pool drops it: it never comes back with a transaction open. */
function cutOff(client: Client): void {
  client.connection.stream.destroy(noAnswer());
}

function noAnswer(): Error {
  return Object.assign(new Error('PostgreSQL did not answer in time'), { code: 'ETIMEDOUT' });
}
