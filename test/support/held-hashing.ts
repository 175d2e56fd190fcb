import { availableParallelism } from 'node:os';
import { HashingQueue } from '../../src/crypto/hashing-queue.js';
import type { TestApp } from './create-test-app.js';
import { until } from './until.js';

/** A job in the hashing queue that takes its place and keeps it until it is released. */
class HeldPlace {
  began = false;
  release!: () => void;
  private readonly released = new Promise<void>((resolve) => (this.release = resolve));

  constructor(queue: HashingQueue) {
    void queue.run(() => {
      this.began = true;
      return this.released;
    });
  }
}

/** Blocks the hashing of an app, so that logins wait in line as long as a test wants. */
export class HeldHashing {
  readonly queue: HashingQueue;
  readonly places: HeldPlace[] = [];

  constructor({ app }: TestApp) {
    this.queue = app.get(HashingQueue);
    while (this.places.length < availableParallelism()) this.hold();
  }

  /** Puts a further held place at the end of the line. */
  hold(): HeldPlace {
    const place = new HeldPlace(this.queue);
    this.places.push(place);
    return place;
  }

  async waitForDepth(depth: number): Promise<void> {
    await until(() => this.queue.depth === depth);
  }

  release(): void {
    for (const place of this.places) place.release();
  }
}
