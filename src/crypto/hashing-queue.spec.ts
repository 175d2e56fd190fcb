import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { HashingAborted, HashingQueue, HashingQueueFull } from './hashing-queue.js';

const CORES = availableParallelism();

describe('HashingQueue', () => {
  let queue: HashingQueue;
  let begun: string[];

  beforeEach(() => {
    jest.useFakeTimers();
    queue = new HashingQueue();
    begun = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Queues a job that takes so many milliseconds, and says what became of it. */
  const add = (name: string, ms: number, signal?: AbortSignal) => {
    const job = () => {
      begun.push(name);
      return new Promise<string>((resolve) => setTimeout(() => resolve(name), ms));
    };
    return queue.run(job, { signal }).catch((error: unknown) => error);
  };
  const addMany = (count: number, name: string, ms: number) => {
    for (let i = 0; i < count; i++) void add(name, ms);
  };
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  it('runs as many jobs at once as there are cores', async () => {
    addMany(CORES + 2, 'job', 500);
    await pass(499);
    expect(begun).toHaveLength(CORES);
    expect(queue.depth).toBe(2);
    await pass(1);
    expect(begun).toHaveLength(CORES + Math.min(2, CORES));
  });

  it('keeps to that, whenever they come', async () => {
    let running = 0;
    let most = 0;
    for (let i = 0; i < 50; i++) {
      void queue.run(async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 30 + (i % 3) * 10));
        running--;
      });
      await pass((i % 4) * 15);
    }
    expect(most).toBe(CORES);
    await pass(5_000);
    expect(running).toBe(0);
    expect(queue.depth).toBe(0);
  });

  it('serves first come, first', async () => {
    addMany(CORES, 'now', 100);
    for (const name of ['a', 'b', 'c', 'd']) void add(name, 100);
    await pass(1_000);
    expect(begun.slice(CORES)).toEqual(['a', 'b', 'c', 'd']);
    expect(queue.depth).toBe(0);
  });

  it('hands back what the job returned, or what it threw', async () => {
    const returned = add('job', 10);
    await pass(10);
    expect(await returned).toBe('job');
    await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const throwing = (): Promise<never> => {
      throw new Error('broken at once');
    };
    await expect(queue.run(throwing)).rejects.toThrow('broken at once');
  });

  it('frees the place of a job that throws', async () => {
    for (let i = 0; i < CORES * 2; i++) {
      await expect(queue.run(() => Promise.reject(new Error('broken')))).rejects.toThrow();
    }
    addMany(CORES, 'job', 10);
    await pass(0);
    expect(begun).toHaveLength(CORES);
  });

  it('refuses at once who would wait for more than 2 s of work, and says when to try again', async () => {
    addMany(CORES, 'measure', 1_000);
    await pass(1_000);
    addMany(CORES, 'now', 1_000);
    // A job takes 1 s: so many are 2 s of work.
    const full = CORES * 2;
    addMany(full, 'line', 1_000);
    const refused = await add('late', 1_000);
    expect(refused).toBeInstanceOf(HashingQueueFull);
    expect(refused).toMatchObject({ status: 503, code: 'temporarily_unavailable' });
    expect((refused as HashingQueueFull).headers).toEqual({ 'Retry-After': '2' });
    expect(queue.depth).toBe(full);
    expect(() => queue.requireRoom()).toThrow(HashingQueueFull);
    await pass(5_000);
    expect(() => queue.requireRoom()).not.toThrow();
    expect(begun).not.toContain('late');
    const later = add('later', 10);
    await pass(10);
    expect(await later).toBe('later');
  });

  it('lets nobody wait much longer than 2 s, even before it knows how long a job takes', async () => {
    addMany(CORES, 'now', 60_000);
    const refused = add('late', 10);
    await pass(2_249);
    expect(queue.depth).toBe(1);
    await pass(1);
    expect(await refused).toBeInstanceOf(HashingQueueFull);
    expect(Number(((await refused) as HashingQueueFull).headers['Retry-After'])).toBeGreaterThan(0);
    expect(queue.depth).toBe(0);
  });

  it('thinks that a job takes 250 ms before it knows better, and lets no more into the line than that permits', async () => {
    addMany(CORES, 'now', 100);
    addMany(CORES * 100, 'line', 100);
    const full = CORES * 8;
    expect(queue.depth).toBe(full);
    await pass(100);
    addMany(CORES * 100, 'line', 100);
    expect(queue.depth).toBe(CORES * 20);
  });

  it('counts the 2 s from when somebody began to wait, wherever that was', async () => {
    addMany(CORES, 'measure', 500);
    await pass(500);
    addMany(CORES, 'now', 60_000);
    const since = performance.now();
    await pass(1_700);
    // 500 ms of work stand before the next one.
    addMany(CORES, 'line', 500);
    await expect(queue.run(() => Promise.resolve(), { since })).rejects.toThrow(HashingQueueFull);
    void add('late', 10);
    await pass(0);
    expect(queue.depth).toBe(CORES + 1);
  });

  it('lets a waiter leave, and keeps the order of the others', async () => {
    addMany(CORES, 'now', 100);
    const leaving = new AbortController();
    void add('a', 10);
    const left = add('b', 10, leaving.signal);
    void add('c', 10);
    leaving.abort();
    expect(await left).toBeInstanceOf(HashingAborted);
    expect(queue.depth).toBe(2);
    await pass(200);
    expect(begun.slice(CORES)).toEqual(['a', 'c']);
  });

  it('does not begin for somebody who has left already', async () => {
    expect(await add('a', 10, AbortSignal.abort())).toBeInstanceOf(HashingAborted);
    expect(begun).toEqual([]);
  });

  it('finishes what has begun, whoever leaves', async () => {
    const leaving = new AbortController();
    const job = add('a', 100, leaving.signal);
    leaving.abort();
    await pass(100);
    expect(await job).toBe('a');
  });
});
