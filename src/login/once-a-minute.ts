const MINUTE_MS = 60_000;

/** How many keys are remembered at most. */
const CAPACITY = 1_000;

/** Remembers what was logged already, so that a flood does not flood the log too. */
export class OnceAMinute {
  /** When each key was due last, by `performance.now()`, oldest first. */
  private readonly last = new Map<string, number>();

  isDue(key: string, now = performance.now()): boolean {
    if (now - (this.last.get(key) ?? -Infinity) < MINUTE_MS) return false;
    this.last.delete(key);
    this.last.set(key, now);
    for (const [oldest] of this.last) {
      if (this.last.size <= CAPACITY) break;
      this.last.delete(oldest);
    }
    return true;
  }
}
