import { availableParallelism } from 'node:os';
import { Problem, TemporarilyUnavailable } from '../http/problem.js';
import { Instrumentation } from '../common/instrumentation.js';
import { WaitingLine } from './waiting-line.js';

/** More work is waiting than can be done in time. */
export class HashingQueueFull extends TemporarilyUnavailable {
  constructor(retryAfter: number) {
    super('Too many logins at once; try again', retryAfter);
  }
}

/** The client that needed the hash has gone; nobody reads this answer. */
export class HashingAborted extends Problem {
  constructor() {
    super({ status: 499, code: 'client_closed_request', detail: 'The client has gone' });
  }
}

/** How a job relates to the request that waits for it. */
export interface Turn {
  /** Fires when nobody waits for it any longer. */
  signal?: AbortSignal;
  /** What has to be done first once its turn has come; if that throws, the job is not begun. */
  admit?: () => Promise<void>;
  /** Since when the request waits for it, by `performance.now()`; since now if not given. */
  since?: number;
}

/** How long a burst may wait, and how long the line may stay non-empty and still be a burst, in milliseconds. */
const BURST_WAIT_MS = 5_000;

/** How long a job may wait in a standing line, in milliseconds. */
const STANDING_WAIT_MS = 2_000;

/** The assumed duration of a job, in milliseconds, until the first is done. */
const FIRST_GUESS_MS = 250;

/**
 * Runs at most one hash a core (the workers of one machine share its cores), and lets the others wait in line. bcrypt
 * works in libuv's thread pool: unbounded, it would take the cores from the event loop.
 *
 * The line is bounded by time, counted from the request: a job that would wait for longer is refused at once, and none
 * waits for more than one job longer. How long that is follows CoDel (RFC 8289): a queue that soon empties again is a
 * burst, which is what queues are for; one that stays only makes all wait, and serves no more of them. So a job may
 * wait for 5 s while the line was empty within the last 5 s, and for 2 s once it has been standing. A line that has
 * refused as many as wait in it will not empty in time either, and is a standing one at once. Where it has to shrink,
 * the newest leave first: they have waited least.
 */
export class HashingQueue {
  private readonly line = new WaitingLine(
    () => this.full(),
    () => new HashingAborted(),
  );
  private running = 0;
  /** Milliseconds one job takes lately (an exponential moving average); undefined until the first is done. */
  private learned: number | undefined;
  /** When the line was last known to be empty, in milliseconds by `performance.now()`. */
  private emptyAt = 0;
  /** How many were refused since then. */
  private refused = 0;
  private isStanding = false;

  /** @param width how many jobs run at once */
  constructor(
    private readonly width = availableParallelism(),
    private readonly instrumentation = new Instrumentation(),
  ) {}

  /** How many hashes are being computed. */
  get active(): number {
    return this.running;
  }

  /** How many wait for their turn. */
  get depth(): number {
    return this.line.length;
  }

  /**
   * @throws HashingQueueFull when it would wait for too long, with the time when to try again
   * @throws HashingAborted when `signal` fires before its turn
   */
  async run<T>(job: () => Promise<T>, turn: Turn = {}): Promise<T> {
    await this.instrumentation.during({ kind: 'hash_wait' }, () => this.comesUp(turn));
    try {
      await turn.admit?.();
      return await this.measured(job);
    } finally {
      this.next();
    }
  }

  /**
   * For a caller with other work to do before it joins the line, to avoid useless work.
   * @param since see `Turn`
   * @throws HashingQueueFull if `run` would
   */
  requireRoom(since = performance.now()): void {
    if (this.running < this.width) return;
    this.look();
    if (this.workAhead() < since + this.longestWait - performance.now()) return;
    this.refused++;
    if (this.refused >= this.depth) this.stand();
    throw this.full();
  }

  private async measured<T>(job: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await this.instrumentation.during({ kind: 'hash' }, job);
    } finally {
      this.learn(performance.now() - begin);
    }
  }

  private async comesUp({ signal, since = performance.now() }: Turn): Promise<void> {
    if (signal?.aborted) throw new HashingAborted();
    this.requireRoom(since);
    if (this.running < this.width) this.running++;
    // A job that joined in time may begin one job later than estimated, and is not sent away just before.
    else await this.line.wait(since + this.longestWait + this.typicalDuration, signal);
  }

  /** Hands the place of a finished job to the first in line. */
  private next(): void {
    if (!this.line.startFirst()) this.running--;
  }

  /** Is the line still a burst? That matters only when a job comes: until then it can only get shorter. */
  private look(): void {
    const now = performance.now();
    if (this.depth === 0) {
      this.emptyAt = now;
      this.refused = 0;
      this.isStanding = false;
    } else if (now - this.emptyAt >= BURST_WAIT_MS) this.stand();
  }

  /** From now on nobody in line has more than 2 s to wait, however long they have waited. */
  private stand(): void {
    if (this.isStanding) return;
    this.isStanding = true;
    this.line.shrink(this.placesWithin(STANDING_WAIT_MS));
    this.line.hasten(performance.now() + STANDING_WAIT_MS);
  }

  private get longestWait(): number {
    return this.isStanding ? STANDING_WAIT_MS : BURST_WAIT_MS;
  }

  /** In line, in milliseconds of all cores. What is running comes on top, up to one job. */
  private workAhead(): number {
    return (this.depth * this.typicalDuration) / this.width;
  }

  /** How many may wait, so that the last one's turn comes within so many milliseconds. */
  private placesWithin(wait: number): number {
    return Math.ceil((wait * this.width) / this.typicalDuration);
  }

  private get typicalDuration(): number {
    return this.learned ?? FIRST_GUESS_MS;
  }

  private full(): HashingQueueFull {
    return new HashingQueueFull(Math.max(1, Math.ceil(this.workAhead() / 1000)));
  }

  private learn(duration: number): void {
    const before = this.learned ?? duration;
    this.learned = before + 0.2 * (duration - before);
    if (this.isStanding) this.line.shrink(this.placesWithin(STANDING_WAIT_MS + this.learned));
  }
}
