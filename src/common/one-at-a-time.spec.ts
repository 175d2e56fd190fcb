import { describe, expect, it } from '@jest/globals';
import { OneAtATime } from './one-at-a-time.js';

/** Work that reports when it begins, and ends on request. */
class Held {
  private readonly ends: Record<string, () => void> = {};
  readonly begun: string[] = [];

  constructor(private readonly inTurn = new OneAtATime()) {}

  run(key: string, name: string): Promise<string> {
    return this.inTurn.run(key, async () => {
      this.begun.push(name);
      await new Promise<void>((resolve) => (this.ends[name] = resolve));
      return name;
    });
  }

  end(name: string): void {
    this.ends[name]?.();
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('OneAtATime', () => {
  it('begins work of a key once the work before it has ended, in order', async () => {
    const held = new Held();
    const all = ['a', 'b', 'c'].map((name) => held.run('key', name));
    await settled();
    expect(held.begun).toEqual(['a']);
    held.end('a');
    await settled();
    expect(held.begun).toEqual(['a', 'b']);
    held.end('b');
    await settled();
    held.end('c');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c']);
  });

  it('lets work of another key begin at once', async () => {
    const held = new Held();
    const all = [held.run('one', 'a'), held.run('other', 'b')];
    await settled();
    expect(held.begun).toEqual(['a', 'b']);
    held.end('b');
    expect(await all[1]).toBe('b');
    held.end('a');
    expect(await all[0]).toBe('a');
  });

  it('continues after work that fails, and only that fails', async () => {
    const inTurn = new OneAtATime();
    const failing = inTurn.run('key', () => Promise.reject(new Error('refused')));
    const throwing = inTurn.run('key', () => {
      throw new Error('thrown');
    });
    const next = inTurn.run('key', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('refused');
    await expect(throwing).rejects.toThrow('thrown');
    expect(await next).toBe('done');
  });

  it('remembers no key whose work is over, also where it failed', async () => {
    const inTurn = new OneAtATime();
    const { last } = inTurn as unknown as { last: Map<string, unknown> };
    const all = Array.from({ length: 10 }, (_, n) =>
      inTurn.run(`key ${n % 3}`, () => (n % 2 ? Promise.reject(new Error()) : Promise.resolve())),
    );
    expect(last.size).toBe(3);
    await Promise.allSettled(all);
    await settled();
    expect(last.size).toBe(0);
  });
});
