import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { networkOf } from '../common/network-address.js';
import { OneAtATime } from '../common/one-at-a-time.js';
import { AttemptSettings } from '../config/settings.js';
import { PurposeKeys } from '../crypto/purpose-keys.js';
import { HashingAborted } from '../crypto/hashing-queue.js';
import { PasswordHasher, type Verdict } from '../crypto/password-hasher.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { AttemptCounters, type FullCounter } from './attempt-counters.service.js';
import { TooManyAttempts } from './attempt-errors.js';
import { type AttemptKey, attemptKeys, hashedName, networkOfRequest } from './attempt-keys.js';
import { OnceAMinute } from './once-a-minute.js';

/** How long an attempt may wait for others to end, in milliseconds since its request. */
const PATIENCE_MS = 2_000;

/** How long it may do so however late its turn came, in milliseconds: longer than a hash takes on a slow machine. */
const LEAST_PATIENCE_MS = 1_000;

/** How long it waits for the database's lock at least, in milliseconds. */
const LOCK_PATIENCE_MS = 100;

/** How often to check whether another attempt has ended, in milliseconds. */
const POLL_MS = 25;

/** A password sent for a name, which may be compared. */
export interface Attempt {
  context: RequestContext;
  username: string;
  network: string;
  keys: AttemptKey[];
  /** The counters that must not be at their limit. */
  binding: AttemptKey[];
  /** Fires when the client has gone. */
  signal: AbortSignal;
}

/** Limits how often passwords are compared (docs/decisions/0014-guessing.md). `LoginService` is its one caller. */
@Injectable()
export class PasswordAttempts {
  private readonly nameKey: KeyObject;
  private readonly turns = new OneAtATime();
  private readonly logged = new OnceAMinute();

  constructor(
    private readonly counters: AttemptCounters,
    private readonly sessions: SessionsService,
    private readonly hasher: PasswordHasher,
    private readonly settings: AttemptSettings,
    private readonly recorder: Recorder,
    purposeKeys: PurposeKeys,
  ) {
    [this.nameKey] = purposeKeys.for('attempts');
  }

  /**
   * Before anything is looked up for an attempt: there are many in a flood, and most of them are refused here.
   * @throws TooManyAttempts also for the right password, and whether the user exists or not
   * @throws HashingQueueFull
   * @throws DatabaseUnavailable
   */
  async begin(context: RequestContext, username: string): Promise<Attempt> {
    this.hasher.requireRoom(context.arrivedAt);
    const attempt = this.attemptOf(context, username);
    attempt.binding = await this.findBinding(attempt);
    return attempt;
  }

  /**
   * Compares a password with a user's hash, as `PasswordHasher.verify`, unless there are too many wrong ones by then:
   * in that case no hash is computed.
   * @param stored null for a user who can't log in, or doesn't exist
   * @throws TooManyAttempts
   * @throws HashingQueueFull
   * @throws HashingAborted
   * @throws DatabaseUnavailable
   */
  async verify(attempt: Attempt, password: string, stored: string | null): Promise<Verdict> {
    const verdict = await this.hasher.verify(password, stored, {
      signal: attempt.signal,
      since: attempt.context.arrivedAt,
      admit: () => this.admitInTurn(attempt),
    });
    const { keys: counted, binding: reserved } = attempt;
    await this.counters.settle({ counted, reserved }, verdict.matches);
    return verdict;
  }

  /**
   * Resets the wrong passwords counted for a name, which need not belong to a user.
   * @returns whether there were any
   */
  unlock(username: string): Promise<boolean> {
    const entry = this.recorder.recordingOwn('attempts_forgotten', { username });
    return this.counters.forget(hashedName(this.nameKey, username), entry);
  }

  private attemptOf(context: RequestContext, username: string): Attempt {
    const network = networkOfRequest(context);
    const keys = attemptKeys(this.settings, hashedName(this.nameKey, username), network);
    const signal = context.closed;
    return { context, username, network, keys, binding: keys, signal };
  }

  /** For the same counter, the attempt that has waited longest goes first. */
  private async admitInTurn(attempt: Attempt): Promise<void> {
    const [first] = attempt.keys;
    const now = performance.now();
    const deadline = Math.max(attempt.context.arrivedAt + PATIENCE_MS, now + LEAST_PATIENCE_MS);
    if (first) await this.turns.run(first.key, () => this.admit(attempt, deadline));
  }

  /** Reserves the check of the password. Waits for the outcome of running checks if that decides. */
  private async admit(attempt: Attempt, deadline: number): Promise<void> {
    for (;;) {
      const patience = deadline - performance.now();
      const lockPatience = Math.max(patience, LOCK_PATIENCE_MS);
      if (await this.counters.reserve(attempt.binding, lockPatience)) return;
      attempt.binding = await this.findBinding(attempt);
      if (patience <= 0) throw new TooManyAttempts(POLL_MS);
      await sleep(POLL_MS);
      if (attempt.signal.aborted) throw new HashingAborted();
    }
  }

  /** @returns the counters that apply to the attempt @throws TooManyAttempts when one is at its limit */
  private async findBinding(attempt: Attempt): Promise<AttemptKey[]> {
    const { keys } = attempt;
    const full = keys.length > 0 ? await this.counters.listFull(keys) : [];
    if (full.length === 0) return keys;
    const isNameAlone = full.every(({ key }) => key.counted === 'username');
    if (!isNameAlone || !(await this.isKnownHere(attempt))) throw this.refuse(attempt, full);
    return keys.filter(({ counted }) => counted !== 'username');
  }

  /** An attacker who fills the name's counter from elsewhere does not lock the owner out where they are logged in. */
  private async isKnownHere({ username, network }: Attempt): Promise<boolean> {
    const addresses = await this.sessions.listAddresses(username);
    return addresses.some((address) => networkOf(address) === network);
  }

  private refuse({ context, username }: Attempt, full: readonly FullCounter[]): TooManyAttempts {
    for (const { key } of full) {
      if (!this.logged.isDue(key.key)) continue;
      void this.recorder.record('login_throttled', context, { username, reason: key.counted });
    }
    return new TooManyAttempts(Math.max(...full.map(({ wait }) => wait)));
  }
}
