import { setTimeout as sleep } from 'node:timers/promises';

/** Waits for something to become true. @throws Error after 10 s */
export async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain: ${condition.toString()}`);
    await sleep(5);
  }
}
