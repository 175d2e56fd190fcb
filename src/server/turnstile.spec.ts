import { setImmediate as nextTurn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Request, Response } from 'express';
import { turnstile } from './turnstile.js';

describe('turnstile', () => {
  let pass: ReturnType<typeof turnstile>;
  let passed: string[];

  beforeEach(() => {
    pass = turnstile(({ method }) => method === 'POST', 2);
    passed = [];
  });

  function send(method: string, name: string, closed = false): void {
    pass({ method } as Request, { closed } as Response, () => void passed.push(name));
  }

  it('lets in a fixed number of costly requests per turn, in order', async () => {
    for (const name of 'abcde') send('POST', name);
    expect(passed).toEqual(['a', 'b']);
    await nextTurn();
    send('POST', 'f');
    expect(passed).toEqual(['a', 'b', 'c', 'd']);
    await nextTurn();
    expect(passed).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('lets others pass at once', async () => {
    for (const name of 'abc') send('POST', name);
    send('GET', 'reader');
    expect(passed).toEqual(['a', 'b', 'reader']);
    await nextTurn();
    expect(passed).toEqual(['a', 'b', 'reader', 'c']);
  });

  it('is free again when a turn is over', async () => {
    for (const name of 'ab') send('POST', name);
    await nextTurn();
    for (const name of 'cd') send('POST', name);
    expect(passed).toEqual(['a', 'b', 'c', 'd']);
  });

  it('begins nothing for a client that has gone while in line', async () => {
    for (const name of 'ab') send('POST', name);
    send('POST', 'gone', true);
    send('POST', 'c');
    await nextTurn();
    await nextTurn();
    expect(passed).toEqual(['a', 'b', 'c']);
  });
});
