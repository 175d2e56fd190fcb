/** How long a number from the database is cached, in milliseconds. */
const LIFETIME_MS = 15_000;

/** A number from the database, which is queried once in 15 s however often it is read. */
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
