/** How many refusals of one kind are written in a minute, by each process. */
const MOST = 100;

const MINUTE_MS = 60_000;

interface Spent {
  /** Milliseconds since the epoch. */
  since: number;
  count: number;
  omitted: number;
}

/** Bounds how much of the disk refusals can fill, whoever causes them: the log has them all. */
export class RefusalBudget {
  private readonly byEvent = new Map<string, Spent>();

  /** @returns undefined for one that must not be written; otherwise how many were left out since the last one */
  spend(event: string, now: number): number | undefined {
    const spent = this.byEvent.get(event) ?? { since: now, count: 0, omitted: 0 };
    this.byEvent.set(event, spent);
    // In either direction: the clock may be set back.
    if (Math.abs(now - spent.since) >= MINUTE_MS) Object.assign(spent, { since: now, count: 0 });
    if (spent.count >= MOST) {
      spent.omitted++;
      return undefined;
    }
    spent.count++;
    const { omitted } = spent;
    spent.omitted = 0;
    return omitted;
  }
}
