import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until the answer is truthy. @throws Error after 10 s of anything else */
export async function waitFor<T>(
  what: string,
  ask: () => T | false | Promise<T | false>,
): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`);
    await sleep(20);
  }
}
