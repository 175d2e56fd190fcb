import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { HashingQueue } from '../../src/crypto/hashing-queue.js';
import type { TestApp } from './create-test-app.js';

/** Makes each hash of an app take so many milliseconds, as on a slow machine. */
export function slowHashing({ app }: TestApp, ms: number): void {
  const queue = app.get(HashingQueue);
  const run = queue.run.bind(queue);
  jest.spyOn(queue, 'run').mockImplementation((job, turn) =>
    run(async () => {
      const [result] = await Promise.all([job(), sleep(ms)]);
      return result;
    }, turn),
  );
}
