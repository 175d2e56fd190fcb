import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalName } from '../common/canonical-text.js';
import { InvalidFields } from '../http/invalid-fields.js';
import { checkUser, isOneOf } from './user-rules.js';

type Field = 'username' | 'email' | 'full_name';

/** @returns the sentence that refuses the value; undefined if it is accepted */
function refusal(field: string, value: unknown): string | undefined {
  try {
    checkUser({ [field]: value });
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFields) return error.detail;
    throw error;
  }
}

const LENGTH = 'must have 1 to 64 characters';
const LETTERS = 'must have letters, digits and the characters . _ - @ + only';
const ADDRESS = 'must be an address such as alex@example.com';
const CONTROL = 'must not contain control characters';
const TURNING = 'must not contain bidirectional control characters';

describe('the rules for a user', () => {
  it.each<[Field, string]>([
    ['username', 'x'],
    ['username', 'x'.repeat(64)],
    ['username', '𝒳'.repeat(64)],
    ['username', 'Zoë_Müller-2.0+a@example.com'],
    ['username', '用户'],
    ['username', 'мария'],
    ['username', 'नमस्ते'],
    ['username', 'عليكس'],
    ['username', '١٢٣'],
    ['username', '42'],
    ['username', '-o'],
    ['username', '...'],
    ['username', 'client'],
    ['email', 'alex@example.com'],
    ['email', "o'brien+tag@mail.example.co.uk"],
    ['email', 'a@b.xn--p1ai'],
    ['email', `${'a'.repeat(64)}@example.com`],
    ['full_name', 'Alex Kasai'],
    ['full_name', '山田 太郎'],
    ['full_name', "Dr. Zoë O'Brien-Smith, 3rd"],
    ['full_name', '𝒳'.repeat(255)],
  ])('take the %s %j', (field, value) => {
    expect(refusal(field, value)).toBeUndefined();
    expect(checkUser({ [field]: value })).toEqual({ [field]: value });
  });

  it.each<[Field, string, string]>([
    ['username', '', LENGTH],
    ['username', 'x'.repeat(65), LENGTH],
    ['username', '𝒳'.repeat(65), LENGTH],
    ['username', 'e\u0301'.repeat(65), LENGTH],
    ['username', `a${'\u0301\u0316'.repeat(100_000)}`, LENGTH],
    ['username', 'a b', LETTERS],
    ['username', ' alex', LETTERS],
    ['username', 'a\u00a0b', LETTERS],
    ['username', 'a/b', LETTERS],
    ['username', '<b>', LETTERS],
    ['username', 'a"b', LETTERS],
    ['username', 'a\nb', LETTERS],
    ['username', 'a\0', LETTERS],
    ['username', 'a\u001b[31m', LETTERS],
    ['username', 'a\u0085', LETTERS],
    ['username', 'a\u2028', LETTERS],
    ['username', 'a\ud800', LETTERS],
    ['username', 'a\u202eb', LETTERS],
    ['username', 'a\u200eb', LETTERS],
    ['username', 'a\u2066b', LETTERS],
    ['username', 'a\u200db', LETTERS],
    ['username', 'a\ufe0f', LETTERS],
    ['username', '\u3164', LETTERS],
    ['username', '\u0301a', LETTERS],
    ['username', '😀', LETTERS],
    ['username', 'client:app', 'must not begin with client:'],
    ['username', 'cLiEnT:Alex', 'must not begin with client:'],
    ['username', 'my client:app', LETTERS],
    ['email', '', ADDRESS],
    ['email', 'nowhere', ADDRESS],
    ['email', 'a@b@example.com', ADDRESS],
    ['email', 'a@example.com, b@example.com', ADDRESS],
    ['email', 'Alex <a@example.com>', ADDRESS],
    ['email', ' a@example.com', ADDRESS],
    ['email', 'a@localhost', ADDRESS],
    ['email', 'a@[127.0.0.1]', ADDRESS],
    ['email', '"a b"@example.com', ADDRESS],
    ['email', '.a@example.com', ADDRESS],
    ['email', 'a..b@example.com', ADDRESS],
    ['email', 'a@-example.com', ADDRESS],
    ['email', 'ä@example.com', ADDRESS],
    ['email', 'a@ехample.com', ADDRESS],
    ['email', `${'a'.repeat(65)}@example.com`, ADDRESS],
    ['email', `a@${'b.'.repeat(127)}com`, 'must have at most 254 characters'],
    ['email', 'a\n@example.com', CONTROL],
    ['email', 'a@example.com\r\nBcc: b@example.com', CONTROL],
    ['email', 'a\u202e@example.com', TURNING],
    ['full_name', '', 'must have 1 to 255 characters'],
    ['full_name', 'x'.repeat(256), 'must have 1 to 255 characters'],
    ['full_name', 'a\u0007', CONTROL],
    ['full_name', 'a\0', CONTROL],
    ['full_name', 'a\ud800', CONTROL],
    ['full_name', 'a\u2029', CONTROL],
    ['full_name', 'evil\u202etxt.exe', TURNING],
    ['full_name', 'a\u2069', TURNING],
  ])('refuse the %s %j', (field, value, sentence) => {
    expect(refusal(field, value)).toBe(`${field}: ${sentence}`);
  });

  it.each([
    ['username', null],
    ['username', ['alex']],
    ['email', 1],
    ['full_name', { $ne: '' }],
  ])('refuse as %s what is not a string: %j', (field, value) => {
    expect(refusal(field, value)).toBe(`${field}: must be of type string`);
  });

  it('refuse an unknown field', () => {
    for (const field of ['id', 'disabled', 'scopes', 'hashed_password', 'toString']) {
      expect(refusal(field, 'x')).toBe(`${field}: unknown field`);
    }
  });

  it('report everything that is wrong at once', () => {
    const check = () => checkUser({ username: 'a b', email: 'nowhere', full_name: '' });
    expect(check).toThrow(/^username: .*; email: .*; full_name: .*/);
  });

  it('store a username in NFC', () => {
    const typed = 'e\u0301'.repeat(64);
    expect(checkUser({ username: typed })).toEqual({ username: 'é'.repeat(64) });
  });

  it('accept no username that is not its own normal form, is invisible, or has no bound', () => {
    const character = fc.string({ unit: 'binary', minLength: 1, maxLength: 1 });
    const taken = character.filter((text) => refusal('username', text) === undefined);
    fc.assert(
      fc.property(fc.array(taken, { minLength: 1, maxLength: 16 }), (characters) => {
        const text = characters.join('');
        const { username = '' } = checkUser({ username: text });
        expect(username).toBe(text.normalize('NFC'));
        expect(username).not.toMatch(/[\s\p{C}]/u);
        expect(canonicalName(username)).not.toBe('');
        expect(canonicalName(username)).not.toMatch(/^sha256:/);
      }),
      { numRuns: 100 },
    );
  });

  it('read an address of any length in linear time', () => {
    const before = performance.now();
    for (const text of ['a', 'a.', 'a@', 'a@b.', 'a@b-', '@'])
      refusal('email', text.repeat(20_000));
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});

describe('a reserved name', () => {
  it('is known in each of its spellings, and only as a whole', () => {
    const names = ['admin', 'No-Reply'];
    for (const name of ['admin', 'ADMIN', 'ａdmin', 'admın', 'no-reply']) {
      expect(isOneOf(name, names)).toBe(true);
    }
    for (const name of ['admin1', 'administrator', 'noreply', '']) {
      expect(isOneOf(name, names)).toBe(false);
    }
  });
});
