/** How long a number that the database was asked for is good, in milliseconds. */
const LIFETIME_MS = 15_000;

/** A number out of the database, which is asked once in 15 s however often somebody looks. */
export class CachedCount {
  private latest: Promise<number | undefined> | undefined;
  private askedAt = 0;

  constructor(private readonly count: () => Promise<number>) {}

  /** @returns undefined where the database didn't answer: no number is better than an old one */
  get(): Promise<number | undefined> {
    const now = performance.now();
    if (this.latest && now - this.askedAt < LIFETIME_MS) return this.latest;
    this.askedAt = now;
    this.latest = this.count().catch(() => undefined);
    return this.latest;
  }
}
