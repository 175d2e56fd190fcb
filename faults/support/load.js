import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Clients that repeat the same work until they are stopped.
 * @param count of clients
 * @param once what client `i` does; @returns its answer
 * @param pause between two answers and requests, in milliseconds
 */
export function startLoad(count, once, pause = 0) {
  const answers = [];
  let isStopped = false;
  const clients = Array.from({ length: count }, async (_, i) => {
    while (!isStopped) {
      const begun = performance.now();
      answers.push({ begun, ...(await once(i)) });
      if (pause > 0) await sleep(pause);
    }
  });
  return {
    answers,
    /** @returns the answers to requests that were sent after that time */
    since: (time) => answers.filter(({ begun }) => begun >= time),
    async stop() {
      isStopped = true;
      await Promise.all(clients);
      return answers;
    },
  };
}
