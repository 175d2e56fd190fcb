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

  /** Queues a job that takes so many milliseconds, and reports its outcome. */
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

  it('serves in order of arrival', async () => {
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

  it('refuses at once a job that would wait for more than 5 s of work, and says when to try again', async () => {
    addMany(CORES, 'measure', 1_000);
    await pass(1_000);
    addMany(CORES, 'now', 1_000);
    // A job takes 1 s: so many are 5 s of work.
    const full = CORES * 5;
    addMany(full, 'line', 1_000);
    const refused = await add('late', 1_000);
    expect(refused).toBeInstanceOf(HashingQueueFull);
    expect(refused).toMatchObject({ status: 503, code: 'temporarily_unavailable' });
    expect((refused as HashingQueueFull).headers).toEqual({ 'Retry-After': '5' });
    expect(queue.depth).toBe(full);
    expect(() => queue.requireRoom()).toThrow(HashingQueueFull);
    await pass(6_000);
    expect(() => queue.requireRoom()).not.toThrow();
    expect(begun).not.toContain('late');
    const later = add('later', 10);
    await pass(10);
    expect(await later).toBe('later');
  });

  it('lets nobody wait much longer than 5 s, even before it knows how long a job takes', async () => {
    addMany(CORES, 'now', 60_000);
    const refused = add('late', 10);
    await pass(5_249);
    expect(queue.depth).toBe(1);
    await pass(1);
    expect(await refused).toBeInstanceOf(HashingQueueFull);
    expect(Number(((await refused) as HashingQueueFull).headers['Retry-After'])).toBeGreaterThan(0);
    expect(queue.depth).toBe(0);
  });

  it('assumes that a job takes 250 ms before it knows better, and lets no more into the line than that permits', async () => {
    addMany(CORES, 'now', 100);
    addMany(CORES * 100, 'line', 100);
    const full = CORES * 8;
    expect(queue.depth).toBe(full);
    await pass(100);
    addMany(CORES * 100, 'line', 100);
    expect(queue.depth).toBe(CORES * 20);
  });

  it('counts the time from when a job began to wait, wherever that was', async () => {
    addMany(CORES, 'measure', 500);
    await pass(500);
    addMany(CORES, 'now', 60_000);
    const since = performance.now();
    await pass(4_700);
    // 500 ms of work are ahead of the next one.
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

  it('does not begin a job whose waiter has left already', async () => {
    expect(await add('a', 10, AbortSignal.abort())).toBeInstanceOf(HashingAborted);
    expect(begun).toEqual([]);
  });

  it('finishes a job that has begun, whoever leaves', async () => {
    const leaving = new AbortController();
    const job = add('a', 100, leaving.signal);
    leaving.abort();
    await pass(100);
    expect(await job).toBe('a');
  });

  describe('on two cores', () => {
    beforeEach(() => {
      queue = new HashingQueue(2);
    });

    const isRefused = (answer: unknown) => answer instanceof HashingQueueFull;
    /** Lets it learn how long a job takes. */
    const learn = async (ms: number) => {
      addMany(2, 'measure', ms);
      await pass(ms);
      begun = [];
    };
    /** The names of those who were served, once all have their answer. */
    const served = async (answers: Promise<unknown>[]) => {
      await pass(20_000);
      return (await Promise.all(answers)).filter((answer) => !isRefused(answer));
    };
    const numbered = (count: number, first = 1) =>
      Array.from({ length: count }, (_, i) => String(first + i));
    const addAll = (names: string[], ms: number) => names.map((name) => add(name, ms));
    /** Two a second, for jobs of 1 s: the line neither grows nor empties. */
    const keepStanding = async (seconds: number) => {
      for (let i = 0; i < seconds; i++) {
        await pass(1_000);
        addMany(2, 'next', 1_000);
      }
    };

    describe.each([300, 450, 600, 700])('with jobs of %d ms', (ms) => {
      it('serves sixteen who come at once', async () => {
        const all = numbered(16);
        expect(await served(addAll(all, ms))).toEqual(all);
      });

      it('does so too where it has learned how long they take', async () => {
        await learn(ms);
        const all = numbered(16);
        expect(await served(addAll(all, ms))).toEqual(all);
      });

      it('does so again once the line was empty', async () => {
        await learn(ms);
        await served(addAll(numbered(200), ms));
        const all = numbered(16);
        expect(await served(addAll(all, ms))).toEqual(all);
      });
    });

    it('treats a line that was not empty for 5 s as a standing one, and lets nobody wait over 2 s in it', async () => {
      await learn(1_000);
      addMany(2 + 4, 'first', 1_000);
      await keepStanding(4);
      const patient = addAll(['a', 'b'], 1_000);
      await pass(1_100);
      expect(queue.depth).toBe(4);
      const refused = await add('late', 1_000);
      expect(refused).toBeInstanceOf(HashingQueueFull);
      expect((refused as HashingQueueFull).headers).toEqual({ 'Retry-After': '2' });
      expect(await served(patient)).toEqual(['a', 'b']);
    });

    it('sends the newest away when the line becomes a standing one, and the oldest keep their place', async () => {
      await learn(1_000);
      addMany(2, 'now', 1_000);
      addMany(4, 'first', 1_000);
      await keepStanding(3);
      // 4 s of work, at 3 s.
      const burst = addAll(numbered(4), 1_000);
      await pass(1_000);
      const more = addAll(['5', '6', '7', '8'], 1_000);
      await pass(999);
      expect(queue.depth).toBe(10);
      await pass(1);
      expect(queue.depth).toBe(8);
      await pass(100);
      // Nothing changes until another one comes.
      const last = add('9', 1_000);
      expect(queue.depth).toBe(4);
      const [newest] = await Promise.all(more);
      expect((newest as HashingQueueFull).headers).toEqual({ 'Retry-After': '2' });
      expect(isRefused(await last)).toBe(true);
      expect(await served([...burst, ...more])).toEqual(numbered(4));
    });

    it('treats a line that has refused as many as wait in it as an overload, at once', async () => {
      await learn(1_000);
      addMany(2, 'now', 1_000);
      await pass(100);
      const first = addAll(numbered(10), 1_000);
      const refused = addAll(numbered(9, 11), 1_000);
      expect(queue.depth).toBe(10);
      const last = await add('20', 1_000);
      expect(queue.depth).toBe(4);
      expect((last as HashingQueueFull).headers).toEqual({ 'Retry-After': '2' });
      expect(await served([...first, ...refused])).toEqual(numbered(4));
    });

    it('forgets such refusals once the line was empty', async () => {
      await learn(1_000);
      for (let burst = 0; burst < 2; burst++) {
        const all = addAll(numbered(18), 1_000);
        expect(queue.depth).toBe(10);
        expect(await served(all)).toHaveLength(12);
      }
    });

    it('lets nobody in a flood wait for much over 2 s, from its beginning on', async () => {
      await learn(250);
      const waits: number[] = [];
      let isOver = false;
      const client = async () => {
        while (!isOver) {
          const since = performance.now();
          const job = async () => {
            waits.push(performance.now() - since);
            await new Promise((resolve) => setTimeout(resolve, 250));
          };
          await queue.run(job, { since }).catch(() => undefined);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      };
      const flood = Array.from({ length: 100 }, client);
      await pass(12_000);
      isOver = true;
      await pass(12_000);
      await Promise.all(flood);
      expect(waits.length).toBeGreaterThan(8 * 12);
      expect(Math.max(...waits)).toBeLessThanOrEqual(2_250);
    });

    it('sends the newest away where the jobs of a standing line take longer than they did', async () => {
      await learn(200);
      addMany(2, 'now', 1_000);
      await pass(100);
      const line = addAll(numbered(200), 1_000);
      expect(queue.depth).toBe(20);
      await pass(900);
      // A job takes 488 ms by now, so these are 2 s of work and one more, less the two whose turn it is.
      expect(queue.depth).toBeLessThan(12);
      expect(await served(line)).toEqual(numbered(4));
    });
  });
});
