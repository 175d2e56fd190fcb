import bcrypt from 'bcrypt';

/** bcrypt's own limit. */
const LOWEST_COST = 4;

const SALT = '.'.repeat(22);

/** Dummy work in place of a missing hash, so that a refusal takes the same time whatever is stored. */
export class Decoys {
  /** Milliseconds that a round of bcrypt takes lately (an exponential moving average); 0 before the first. */
  private roundTime = 0;

  /** @param cost log2 of the rounds that determine how long a refusal takes */
  constructor(private readonly cost: number) {}

  /** Computes one whole hash of the configured cost. */
  async computeOne(): Promise<void> {
    await this.compute(this.cost);
  }

  /**
   * Does the rest of the work of one hash of the configured cost, after one of cost `from`: bcrypt's work
   * is 2^cost, so costs 10, 10 and 11 make 12. Without it, an old cheap hash would reveal that its user exists.
   */
  async fillUpFrom(from: number): Promise<void> {
    for (let cost = from; cost < this.cost; cost++) await this.compute(cost);
  }

  /**
   * The same after work of another kind, by the clock: computes hashes, each at the highest cost that still fits, until one of
   * the configured cost would have been done.
   * @param begin when that work began, by `performance.now()`
   */
  async fillUpSince(begin: number): Promise<void> {
    if (this.roundTime === 0) await this.compute(Math.max(LOWEST_COST, this.cost - 3));
    for (;;) {
      const left = this.roundTime * 2 ** this.cost - (performance.now() - begin);
      if (left <= 0) return;
      const fitting = Math.floor(Math.log2(left / this.roundTime));
      await this.compute(Math.min(this.cost, Math.max(LOWEST_COST, fitting)));
    }
  }

  /** Notes how long a hash took; a cheap one says little. */
  learn(cost: number, milliseconds: number): void {
    if (cost < this.cost - 3) return;
    const weight = this.roundTime === 0 ? 1 : 0.2;
    this.roundTime += weight * (milliseconds / 2 ** cost - this.roundTime);
  }

  private async compute(cost: number): Promise<void> {
    const begin = performance.now();
    await bcrypt.compare('', `$2b$${String(cost).padStart(2, '0')}$${SALT}${'.'.repeat(31)}`);
    this.learn(cost, performance.now() - begin);
  }
}
