/** Runs work of the same key one after the other in this process, so that the later sees what the earlier did. */
export class OneAtATime {
  private readonly last = new Map<string, Promise<unknown>>();

  /** @throws what the work throws */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const end: Promise<void> = result.then(
      () => this.forget(key, end),
      () => this.forget(key, end),
    );
    this.last.set(key, end);
    return result;
  }

  private forget(key: string, end: Promise<unknown>): void {
    if (this.last.get(key) === end) this.last.delete(key);
  }
}
