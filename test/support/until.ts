import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the result is anything but false, and returns it. @throws Error after 30 s */
export async function until<T>(ask: () => T | false | Promise<T | false>): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`Timed out: ${ask.toString()}`);
    await sleep(5);
  }
}
