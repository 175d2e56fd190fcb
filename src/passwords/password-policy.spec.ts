import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidFields } from '../http/invalid-fields.js';
import { PasswordPolicy, type PasswordOwner } from './password-policy.js';

const settings = { minLength: 8, pwnedPasswordsUrl: null, appName: 'Acme Accounts' };
const policy = new PasswordPolicy(settings);

/** @returns the sentence that refuses the password; undefined if it is accepted */
async function refusal(password: string, owner: PasswordOwner = {}): Promise<string | undefined> {
  try {
    await policy.check(password, owner, 'new_password');
    return undefined;
  } catch (error) {
    if (!(error instanceof InvalidFields)) throw error;
    expect(error.detail).toMatch(/^new_password: /);
    return error.detail.slice('new_password: '.length);
  }
}

describe('a password', () => {
  it.each([
    'correct horse',
    '🔑🗝️🔒🔓🚪🏠🌲🌳',
    'é'.repeat(512),
    ' \t\n\0abcd ',
    '        ',
    'ünïcödé雪',
    'zzzzzzzzzzzzzzzz',
    '83719204',
  ])('may be %j', async (password) => {
    expect(await refusal(password, { username: 'alex', email: 'a.kasai@example.com' })).toBe(
      undefined,
    );
  });

  it.each([
    ['', 'must have at least 8 characters'],
    ['p'.repeat(7), 'must have at least 8 characters'],
    ['🔑'.repeat(7), 'must have at least 8 characters'],
    ['p'.repeat(1025), 'must have at most 1024 bytes'],
    ['é'.repeat(513), 'must have at most 1024 bytes'],
    ['p'.repeat(1_000_000), 'must have at most 1024 bytes'],
    ['half of \ud83d', 'must have whole characters only'],
    ['password', 'is one of the most common passwords'],
    ['PassWord', 'is one of the most common passwords'],
    ['123456789', 'is one of the most common passwords'],
    ['iloveyou', 'is one of the most common passwords'],
  ])('is refused: %j %s', async (password, sentence) => {
    expect(await refusal(password)).toBe(sentence);
  });

  it('has the configured minimum length', async () => {
    const strict = new PasswordPolicy({ ...settings, minLength: 12 });
    await expect(strict.check('🔑'.repeat(11), {})).rejects.toThrow(/at least 12 characters/);
    await expect(strict.check('🔑'.repeat(12), {})).resolves.toBeUndefined();
  });
});

describe('a password that is too close', () => {
  it.each([
    ['alexander', 'alexander'],
    ['alexander', 'ALEXANDER'],
    ['alexander', 'Alexander1990'],
    ['alexander', '!!alexander!!'],
    ['alexander', '4l3x4nd3r'],
    ['alexander', '@lexander_2024'],
    ['alexander', 'A1exander#7'],
    ['alexander', 'a l e x a n d e r'],
    ['alexander', 'alex.ander'],
    ['alexander', 'rednaxela'],
    ['alexander', 'R3dn4xela99'],
    ['alexander', 'alexanderalexander'],
    ['alexander', 'ａｌｅｘａｎｄｅｒ'],
    ['alex', 'alexalex'],
    ['alex', 'alex alex alex'],
    ['alex', 'al3x2024al3x'],
    ['alex', 'xelaxela'],
    ['alex', 'alex1234'],
    ['alex', '12345alex'],
    ['al3x', 'alex1990'],
    ['alex99', 'alex1990'],
    ['alex99', 'alex99!!'],
    ['alex.kasai', 'AlexKasai1'],
    ['Straße1', 'STRASSE99'],
    ['мария', 'Мария1985'],
    ['用户名', '用户名12345'],
    ['al', 'alalalal'],
    ['4711', '47114711'],
    ['4711', '4711-4711'],
    ['20301231', '20301231'],
    ['20301231', '13210302!'],
    ['20301231', '2030123199'],
    ['20301231', '2030-12-31'],
    ['+_+_+_+_', '+_+_+_+_'],
  ])('to the username %j: %j', async (username, password) => {
    expect(await refusal(password, { username })).toBe('is too close to the username');
  });

  it.each([
    ['alex', 'alex went to the market'],
    ['alex', 'my name is alex'],
    ['alex', 'alexandria rocks'],
    ['alex', 'xale1990'],
    ['al', 'algebra is hard'],
    ['a', 'banana4444'],
    ['a', '44475565'],
    ['e', '8371920334'],
    ['io', '8371920110'],
    ['sea', '8853412777'],
    ['sea', '5x3x4x5x3x'],
    ['42', '8420193752'],
    ['42', '84201937'],
    ['4711', '8237471199'],
    ['4711', 'x4711471147114711'],
    ['20301231', 'before20301231after'],
    ['7', '73829164'],
    ['...', '........x'],
    ['', 'xxxxxxxx'],
  ])('does not include, for the username %j: %j', async (username, password) => {
    expect(await refusal(password, { username })).toBeUndefined();
  });

  it.each([
    ['mary.smith2024', 'e-mail address'],
    ['mary@example.com', undefined],
    ['marysmith@example.com', 'e-mail address'],
    ['Mary.Smith@Example.com1', 'e-mail address'],
    ['moc.elpmaxe@htims.yram', 'e-mail address'],
    ['example.com', undefined],
    ['latchkey', 'name of the service'],
    ['L4tchk3y!', 'name of the service'],
    ['yekhctal', 'name of the service'],
    ['latchkey2026', 'name of the service'],
    ['acme-accounts', 'name of the service'],
    ['AcmeAccounts123', 'name of the service'],
    ['acme hates latchkeys', undefined],
  ])('to other texts: %j (%s)', async (password, whose) => {
    const owner = { username: 'm', email: 'mary.smith@example.com' };
    const expected = whose && `is too close to the ${whose}`;
    expect(await refusal(password, owner)).toBe(expected);
  });

  it('is not compared with a missing username or address', async () => {
    expect(await refusal('alexander-1', { username: null, email: null })).toBeUndefined();
    expect(await refusal('alexander-1')).toBeUndefined();
  });

  it('is hardly ever one by chance', async () => {
    const digits = fc.stringMatching(/^[0-9]{8,20}$/);
    const mixed = fc.stringMatching(/^[a-z0-9]{12}$/);
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(digits, mixed), name, async (password, username) => {
        if ((await refusal(password, { username })) === 'is too close to the username') refused++;
      }),
      { numRuns: 2_000, seed: 1 },
    );
    expect(refused).toBeLessThan(10);
  });

  it('is detected quickly, however long both are', async () => {
    const before = performance.now();
    await refusal('1'.repeat(1023) + 'l', {
      username: 'i'.repeat(64),
      email: `${'i'.repeat(64)}@${'i'.repeat(60)}.${'i'.repeat(60)}.${'i'.repeat(60)}`,
    });
    expect(performance.now() - before).toBeLessThan(1_000);
  });
});
