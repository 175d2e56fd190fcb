import { describe, expect, it } from '@jest/globals';
import { checkEmail, checkFullName, checkPassword, checkUsername } from './user-rules.js';
import { InvalidUser } from './user-errors.js';

const rules = {
  username: checkUsername,
  password: checkPassword,
  email: checkEmail,
  full_name: checkFullName,
};
type Field = keyof typeof rules;

/** @returns the sentence that refuses the value; undefined if it is taken */
function refusal(field: Field, value: string): string | undefined {
  try {
    rules[field](value);
    return undefined;
  } catch (error) {
    if (error instanceof InvalidUser) return error.detail;
    throw error;
  }
}

describe('the rules for a user', () => {
  it.each<[Field, string]>([
    ['username', 'x'],
    ['username', 'x'.repeat(64)],
    ['username', '𝒳'.repeat(64)],
    ['username', ' Zoë Müller '],
    ['username', '用户'],
    ['username', 'client'],
    ['username', 'my client:app'],
    ['password', 'p'.repeat(8)],
    ['password', '🔑'.repeat(8)],
    ['password', 'p'.repeat(1024)],
    ['password', 'é'.repeat(512)],
    ['password', ' \t\n\0abcd '],
    ['email', 'alex@example.com'],
    ['full_name', 'Alex Kasai'],
  ])('take the %s %j', (field, value) => {
    expect(refusal(field, value)).toBeUndefined();
  });

  it.each<[Field, string, string]>([
    ['username', '', 'must have 1 to 64 characters'],
    ['username', 'x'.repeat(65), 'must have 1 to 64 characters'],
    ['username', 'a\nb', 'must not contain control characters'],
    ['username', 'a\0', 'must not contain control characters'],
    ['username', 'a\u001b[31m', 'must not contain control characters'],
    ['username', 'a\u007f', 'must not contain control characters'],
    ['username', 'a\u0085', 'must not contain control characters'],
    ['username', 'a\u2028', 'must not contain control characters'],
    ['username', 'a\ud800', 'must not contain control characters'],
    ['username', 'client:app', 'must not begin with client:'],
    ['username', 'CLIENT:', 'must not begin with client:'],
    ['username', 'cLiEnT:Alex', 'must not begin with client:'],
    ['password', '', 'must have at least 8 characters'],
    ['password', 'p'.repeat(7), 'must have at least 8 characters'],
    ['password', '🔑'.repeat(7), 'must have at least 8 characters'],
    ['password', 'p'.repeat(1025), 'must have at most 1024 bytes'],
    ['password', 'é'.repeat(513), 'must have at most 1024 bytes'],
    ['email', '', 'must be an address such as alex@example.com'],
    ['email', 'nowhere', 'must be an address such as alex@example.com'],
    ['email', 'a\n@example.com', 'must not contain control characters'],
    ['full_name', '', 'must have 1 to 255 characters'],
    ['full_name', 'x'.repeat(256), 'must have 1 to 255 characters'],
    ['full_name', 'a\u0007', 'must not contain control characters'],
  ])('refuse the %s %j', (field, value, sentence) => {
    expect(refusal(field, value)).toBe(`${field}: ${sentence}`);
  });
});
