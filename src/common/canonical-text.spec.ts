import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalAddress, canonicalName } from './canonical-text.js';

/** The length at which PostgreSQL refuses an index row, in bytes. */
const INDEX_ROW = 2_700;

const text = fc.string({ unit: 'binary', maxLength: 80 });
const odd = fc
  .array(fc.constantFrom('ß', 'ẞ', 'ſ', 'İ', 'ı', 'Σ', 'ς', '\u0345', '\u034f', '\u0301', 'ﷺ', 'ﬃ'))
  .map((characters) => characters.join(''));

describe('the canonical form of a name', () => {
  it.each([
    ['alex', 'Alex', 'ALEX', 'ａｌｅｘ', 'ALex', 'a\u200dlex', 'alex\ufe0f', 'ᵃlex'],
    ['zoé', 'zoe\u0301', 'ZOÉ', 'ZOE\u0301'],
    ['straße', 'STRASSE', 'strasse', 'STRAẞE', 'ſtraße'],
    ['σίσυφος', 'ΣΊΣΥΦΟΣ', 'σίσυφοσ'],
    ['kim', 'KIM', '\u212aim', 'kım', 'K\u0131m'],
    ['ﬁn', 'fin', 'FIN'],
    ['١', '١'],
  ])('is the same for %j and what can be taken for it', (...names) => {
    expect(new Set(names.map(canonicalName)).size).toBe(1);
  });

  it.each([
    ['alex', 'alеx'],
    ['alex', 'alex1'],
    ['zoe', 'zoé'],
    ['istanbul', 'İstanbul'],
    ['1', '١'],
    ['a.b', 'ab'],
  ])('keeps %j and %j apart', (one, other) => {
    expect(canonicalName(one)).not.toBe(canonicalName(other));
  });

  it('is its own canonical form, for every character', () => {
    const differing: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      const form = canonicalName(String.fromCodePoint(code));
      if (canonicalName(form) !== form) differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
  });

  it('is its own canonical form, for any text, and the same for any case of it', () => {
    fc.assert(
      fc.property(fc.oneof(text, odd), (name) => {
        const form = canonicalName(name);
        expect(canonicalName(form)).toBe(form);
        expect(canonicalName(name.normalize('NFD'))).toBe(form);
        expect(canonicalName(name.normalize('NFKC').toUpperCase())).toBe(form);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['64 of the letter that grows most', 'ﷺ'.repeat(64), 2_112],
    ['a thousand of it', 'ﷺ'.repeat(1_000), 71],
    ['any text', 'x'.repeat(100_000), 71],
  ])('has its bound: %s', (_, name, bytes) => {
    expect(Buffer.byteLength(canonicalName(name))).toBe(bytes);
    expect(bytes).toBeLessThan(INDEX_ROW);
  });

  it('differs where names beyond its bound do', () => {
    const long = 'x'.repeat(5_000);
    expect(canonicalName(`${long}y`)).not.toBe(canonicalName(`${long}z`));
    expect(canonicalName(long.toUpperCase())).toBe(canonicalName(long));
  });
});

describe('the canonical form of an address', () => {
  it('has the letters of ASCII in lower case, and nothing else changed', () => {
    expect(canonicalAddress('Alex@EXAMPLE.com')).toBe('alex@example.com');
    for (const address of ['mıke@example.com', 'ﬁn@example.com', 'Älex@example.com', ' a@b ']) {
      expect(canonicalAddress(address)).toBe(address);
    }
  });
});
