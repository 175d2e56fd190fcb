interface Waiter {
  start: () => void;
  leave: (reason: Error) => void;
  /** Sends it away at `deadline`, if it would have waited for longer. */
  hasten: (deadline: number) => void;
}

/** First in, first out; but the newest leaves first where the line has to shrink. */
export class WaitingLine {
  private readonly waiters = new Set<Waiter>();

  /**
   * @param refusal for those whose time is over, or for whom there is no place any longer
   * @param abortion for those whose signal has fired
   */
  constructor(
    private readonly refusal: () => Error,
    private readonly abortion: () => Error,
  ) {}

  get length(): number {
    return this.waiters.size;
  }

  /**
   * Resolves when its turn has come.
   * @param deadline until when it waits, in milliseconds by `performance.now()`
   */
  wait(deadline: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      let latest = Infinity;
      let timer: NodeJS.Timeout | undefined;
      const settle = () => {
        this.waiters.delete(waiter);
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };
      const start = () => {
        settle();
        resolve();
      };
      const leave = (reason: Error) => {
        settle();
        reject(reason);
      };
      const hasten = (time: number) => {
        if (time >= latest) return;
        latest = time;
        clearTimeout(timer);
        timer = setTimeout(() => leave(this.refusal()), time - performance.now());
      };
      const onAbort = () => leave(this.abortion());
      const waiter: Waiter = { start, leave, hasten };
      this.waiters.add(waiter);
      hasten(deadline);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** @returns whether there was one */
  startFirst(): boolean {
    const [first] = this.waiters;
    first?.start();
    return first !== undefined;
  }

  /** Sends the newest away until `most` are left. */
  shrink(most: number): void {
    const surplus = [...this.waiters].slice(most).reverse();
    // The line is as short as it will be before the first refusal reports how long it is.
    for (const waiter of surplus) this.waiters.delete(waiter);
    for (const waiter of surplus) waiter.leave(this.refusal());
  }

  /** All wait until `deadline` at most, in milliseconds by `performance.now()`. */
  hasten(deadline: number): void {
    for (const waiter of this.waiters) waiter.hasten(deadline);
  }
}
