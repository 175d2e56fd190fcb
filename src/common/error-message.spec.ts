import { describe, expect, it } from '@jest/globals';
import { messageOf } from './error-message.js';

describe('what an error says', () => {
  it('is its message', () => {
    expect(messageOf(new Error('broken'))).toBe('broken');
  });

  it('is that of its errors, where it has none itself', () => {
    const errors = [new Error('no ::1'), new Error('no 127.0.0.1'), new Error('no ::1')];
    expect(messageOf(new AggregateError(errors))).toBe('no ::1; no 127.0.0.1');
    expect(messageOf(new AggregateError(errors, 'all failed'))).toBe('all failed');
  });

  it('is anything else as text', () => {
    expect(messageOf('broken')).toBe('broken');
  });
});
