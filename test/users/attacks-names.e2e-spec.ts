import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UsernameTaken } from '../../src/users/user-errors.js';
import { adoptUser } from '../support/adopt-user.js';
import { WITHOUT_LIMITS } from '../support/attempts.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { send } from '../support/harmless.js';

let app: TestApp;

beforeAll(async () => {
  app = await createTestApp(WITHOUT_LIMITS);
});
afterAll(() => app.close());

async function tryLogin(username: string, password: string): Promise<number> {
  const body = new URLSearchParams({ username, password });
  return (await send(`${app.url}/token`, { method: 'POST', body })).status;
}

describe('users whose names look alike', () => {
  const families = [
    ['alex', 'Alex', 'ALEX', '\u0430lex', 'alex ', ' alex', 'alex\u200d', '\uff41lex'],
    ['zo\u00e9', 'zoe\u0301', 'zoe', 'zo\u00c9'],
    ['stra\u00dfe', 'strasse', 'STRASSE', 'istanbul', '\u0130stanbul', '\u0131stanbul'],
    ['1', '01', '1.0', '1e0', '\u0661', '0x1', '+1', 'true', 'null'],
  ];

  it.each(families)('are separate users in an adopted database: %j', async (...names) => {
    for (const [index, username] of names.entries()) {
      await adoptUser(app, { username, password: `password ${index}` });
    }
    for (const [index, username] of names.entries()) {
      const password = `password ${index}`;
      const profile = await app.readProfile(await app.accessToken({ username, password }));
      expect(await profile.json()).toMatchObject({ 'user data': { username } });
      const next = names[(index + 1) % names.length]!;
      expect(await tryLogin(next, password)).toBe(401);
    }
  });

  it.each([
    ['dora', 'Dora', 'DORA', 'ｄora', 'do\u{1d42b}a'],
    ['andr\u00e9', 'andre\u0301', 'ANDR\u00c9'],
    ['wei\u00df', 'weiss', 'WEISS', 'WEI\u1e9e'],
    ['kim', 'K\u0131m', '\u212aim'],
  ])('are only one user otherwise: %j', async (first, ...others) => {
    await app.createUser({ username: first });
    for (const username of others) {
      await expect(app.createUser({ username })).rejects.toThrow(UsernameTaken);
      expect(await tryLogin(username, PASSWORD)).toBe(401);
    }
    expect(await tryLogin(first, PASSWORD)).toBe(200);
  });

  it('are not found under another spelling', async () => {
    await app.createUser({ username: 'nora', password: 'password 0' });
    for (const spelling of [
      'Nora',
      'nora ',
      ' nora',
      'nora\t',
      'nora\n',
      'nora\u00a0',
      'n\u00f6ra',
    ]) {
      expect(await tryLogin(spelling, 'password 0')).toBe(401);
    }
    expect(await tryLogin('nora', 'password 0')).toBe(200);
  });

  it('distinguish passwords that differ in spaces, case or normal form', async () => {
    const password = 'p\u00e4ssw\u00f6rd';
    await app.createUser({ username: 'omar', password });
    const normal = password.normalize('NFD');
    for (const other of [normal, password.toUpperCase(), ` ${password}`, `${password} `]) {
      expect(await tryLogin('omar', other)).toBe(401);
    }
    expect(await tryLogin('omar', password)).toBe(200);
  });
});
