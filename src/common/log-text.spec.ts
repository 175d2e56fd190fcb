import { describe, expect, it } from '@jest/globals';
import { logText } from './log-text.js';

describe('a piece of input in the log', () => {
  it.each([
    ['a newline', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['a tab', 'a\tb'],
    ['NUL', 'a\0b'],
    ['ESC', 'a\u001bb'],
    ['DEL', 'a\u007fb'],
    ['a C1 control', 'a\u009bb'],
    ['a right-to-left override', 'a\u202eb'],
    ['a right-to-left isolate', 'a\u2067b'],
    ['a zero-width space', 'a\u200bb'],
    ['a byte order mark', 'a\ufeffb'],
    ['a line separator', 'a\u2028b'],
    ['a paragraph separator', 'a\u2029b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a tag character', 'a\u{e0041}b'],
  ])('has %s replaced', (_, input) => {
    expect(logText(input)).toBe('a\ufffdb');
  });

  it('is left alone where it is harmless', () => {
    expect(logText('Zoë Müller 用户 🔑 "quoted" \\')).toBe('Zoë Müller 用户 🔑 "quoted" \\');
  });

  it('is cut when it is long, and never in the middle of a character', () => {
    expect(logText('x'.repeat(256))).toBe('x'.repeat(256));
    expect(logText('x'.repeat(60_000))).toBe(`${'x'.repeat(256)}…`);
    expect(logText(`x${'🔑'.repeat(1_000)}`)).not.toMatch(/\p{Cs}/u);
  });
});
