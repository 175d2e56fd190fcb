import { availableParallelism } from 'node:os';
import { Problem, TemporarilyUnavailable } from '../common/problem.js';
import { Watch } from '../common/watch.js';

/** More work is waiting than can be done in time. */
export class HashingQueueFull extends TemporarilyUnavailable {
  constructor(retryAfter: number) {
    super('Too many logins at once; try again', retryAfter);
  }
}

/** Whoever asked for the hash has gone; nobody reads this answer. */
export class HashingAborted extends Problem {
  constructor() {
    super({ status: 499, code: 'client_closed_request', detail: 'The client has gone' });
  }
}

/** What a job has to do with whoever waits for it. */
export interface Turn {
  /** Fires when nobody waits for it any longer. */
  signal?: AbortSignal;
  /** What has to be done first once its turn has come; if that throws, the job is not begun. */
  admit?: () => Promise<void>;
  /** Since when somebody waits for it, by `performance.now()`; since now if not given. */
  since?: number;
}

interface Waiter {
  start: () => void;
  leave: (reason: Error) => void;
}

/** How long anybody has to wait, and so how much work may stand in line, in milliseconds of all cores. */
const LONGEST_WAIT = 2_000;

/** What one job may take, until the first is done: a flood right after the start would all be let into the line. */
const FIRST_GUESS = 250;

/**
 * Runs at most one hash a core (the workers of one machine share its cores), and lets the others wait in line. bcrypt
 * works in libuv's thread pool: unbounded, it would take the cores from the event loop. The line is bounded by time:
 * whoever would wait for more than 2 s, counted from their request, is told so at once; and nobody is kept waiting
 * much longer than that.
 */
export class HashingQueue {
  private readonly waiting = new Set<Waiter>();
  private running = 0;
  /** Milliseconds one job takes lately (an exponential moving average); undefined until the first is done. */
  private learned: number | undefined;

  /** @param width how many jobs run at once */
  constructor(
    private readonly width = availableParallelism(),
    private readonly watch = new Watch(),
  ) {}

  /** How many hashes are being computed. */
  get active(): number {
    return this.running;
  }

  /** How many wait for their turn. */
  get depth(): number {
    return this.waiting.size;
  }

  /**
   * @throws HashingQueueFull when it would wait for more than 2 s in all
   * @throws HashingAborted when `signal` fires before its turn
   */
  async run<T>(job: () => Promise<T>, turn: Turn = {}): Promise<T> {
    await this.watch.during({ kind: 'hash_wait' }, () => this.comesUp(turn));
    try {
      await turn.admit?.();
      return await this.measured(job);
    } finally {
      this.next();
    }
  }

  /**
   * For whoever has to do something before it joins the line, which would be in vain.
   * @param since see `Turn`
   * @throws HashingQueueFull if `run` would
   */
  requireRoom(since = performance.now()): void {
    if (this.running === this.width && this.workAhead() >= timeLeft(since)) throw this.full();
  }

  private async measured<T>(job: () => Promise<T>): Promise<T> {
    const begin = performance.now();
    try {
      return await this.watch.during({ kind: 'hash' }, job);
    } finally {
      this.learn(performance.now() - begin);
    }
  }

  private async comesUp({ signal, since = performance.now() }: Turn): Promise<void> {
    if (signal?.aborted) throw new HashingAborted();
    this.requireRoom(since);
    if (this.running < this.width) this.running++;
    else await this.waitInLine(since, signal);
  }

  private waitInLine(since: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (reason: Error) => {
        settle();
        reject(reason);
      };
      const start = () => {
        settle();
        resolve();
      };
      const waiter: Waiter = { start, leave };
      // Whoever joined in time may begin one job later than reckoned, and is not sent away just before.
      const patience = timeLeft(since) + this.typicalDuration;
      const timer = setTimeout(() => leave(this.full()), patience);
      const onAbort = () => leave(new HashingAborted());
      const settle = () => {
        this.waiting.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      this.waiting.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Hands the place of a finished job to the first in line. */
  private next(): void {
    const [first] = this.waiting;
    if (first) first.start();
    else this.running--;
  }

  /** In line, in milliseconds of all cores. What is running comes on top, up to one job. */
  private workAhead(): number {
    return (this.waiting.size * this.typicalDuration) / this.width;
  }

  private get typicalDuration(): number {
    return this.learned ?? FIRST_GUESS;
  }

  private full(): HashingQueueFull {
    return new HashingQueueFull(Math.max(1, Math.ceil(this.workAhead() / 1000)));
  }

  private learn(duration: number): void {
    const before = this.learned ?? duration;
    this.learned = before + 0.2 * (duration - before);
  }
}

/** How long somebody who waits since then may have to wait yet, in milliseconds. */
function timeLeft(since: number): number {
  return Math.max(0, since + LONGEST_WAIT - performance.now());
}
