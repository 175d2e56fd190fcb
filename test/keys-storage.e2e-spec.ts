import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import BetterSqlite3 from 'better-sqlite3';
import { createTestApp, PASSWORD, SECRET_KEY } from './support/create-test-app.js';
import { PAIR_ALGORITHMS, publishedKids, signKeyOf } from './support/keys.js';
import { runCli, runService, startService } from './support/processes.js';
import { accessTokenFrom, readProfile } from './support/requests.js';
import { TemporaryFolder } from './support/temporary-folder.js';

// Many processes a test, on whatever machine.
jest.setTimeout(90_000);

const NEW_SECRET = 'the next key for the tests alone, 32 bytes and more';
const ES256 = { ALGORITHM: 'ES256' };

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

interface Row {
  kid: string;
  algorithm: string;
  sealed_key: string;
}

/** Runs SQL on the service's file, which must be closed. @returns the rows of signing_keys */
function storedKeys(change = ''): Row[] {
  const database = new BetterSqlite3(folder.join('users.db'));
  try {
    database.exec(change);
    return database.prepare('SELECT * FROM signing_keys').all() as Row[];
  } finally {
    database.close();
  }
}

/** Starts the service once, with a user. @returns a token of theirs */
async function startOnce(changes: Record<string, string>): Promise<string> {
  const service = await startService(folder, changes);
  const args = ['user', 'create', 'alex', '--password-stdin'];
  await runCli(folder, args, { ...changes, input: PASSWORD });
  const token = await accessTokenFrom(service.url);
  await service.end();
  return token;
}

/** What a service under another configuration answers to a token of before. */
async function statusUnder(changes: Record<string, string>, token: string): Promise<number> {
  const service = await startService(folder, changes);
  const { status } = await readProfile(service.url, token);
  await service.end();
  return status;
}

describe.each(PAIR_ALGORITHMS)('The private key of %s', (ALGORITHM) => {
  it('is nowhere readable in the database', async () => {
    const app = await createTestApp({ ALGORITHM });
    const jwk = signKeyOf(app).export({ format: 'jwk' }) as Record<string, string>;
    const names = readdirSync(app.folder.path).filter((name) => name.startsWith('users.db'));
    const bytes = Buffer.concat(names.map((name) => readFileSync(app.folder.join(name))));
    expect(bytes.includes('sealed_key')).toBe(true);
    for (const member of ALGORITHM === 'ES256' ? ['d'] : ['d', 'p', 'q', 'dp', 'dq', 'qi']) {
      const raw = Buffer.from(jwk[member]!, 'base64url');
      for (const form of [jwk[member]!, raw, raw.toString('base64'), raw.toString('hex')]) {
        expect(bytes.includes(form)).toBe(false);
      }
    }
    await app.close();
  });
});

describe('A start with stored keys that do not open', () => {
  it.each(['ES256', 'HS256'])('fails under %s, and says what to do', async (ALGORITHM) => {
    await startOnce(ES256);
    const [{ kid } = { kid: '' }] = storedKeys();
    const changes = { ALGORITHM, SECRET_KEY: NEW_SECRET };
    const { status, stdout, stderr } = await runService(folder, changes);
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr).toBe(
      'The configuration has problems:\n' +
        `  SECRET_KEY: the stored key ${kid} can't be decrypted, so SECRET_KEY has changed: ` +
        'put the one that was there before into SECRET_KEY_PREVIOUS, ' +
        `or if that is lost give the key up with: npm run -s cli -- key revoke ${kid}\n`,
    );
    expect(stderr).not.toContain(SECRET_KEY);
  });

  it('fails too where SECRET_KEY_PREVIOUS is another one', async () => {
    await startOnce(ES256);
    const changes = { ...ES256, SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: `${NEW_SECRET}!` };
    const { status, stderr } = await runService(folder, changes);
    expect(status).toBe(78);
    expect(stderr).toMatch(/^ {2}SECRET_KEY_PREVIOUS: the stored key /m);
  });

  it('can be mended by giving the key up', async () => {
    const token = await startOnce(ES256);
    const [{ kid } = { kid: '' }] = storedKeys();
    const changes = { ...ES256, SECRET_KEY: NEW_SECRET };
    const revoked = await runCli(folder, ['key', 'revoke', kid], changes);
    expect(revoked).toEqual({ status: 0, stdout: `Revoked the key ${kid}\n`, stderr: '' });
    expect(await statusUnder(changes, token)).toBe(401);
    const [fresh, ...others] = storedKeys();
    expect(others).toEqual([]);
    expect(fresh?.kid).not.toBe(kid);
  });

  it.each([
    ['a foreign text', `UPDATE signing_keys SET sealed_key = 'AAAA'`],
    ['another name', `UPDATE signing_keys SET kid = replace(kid, substr(kid, 1, 1), '_')`],
    ['another algorithm', `UPDATE signing_keys SET algorithm = 'PS256'`],
  ])('fails over a row with %s: who writes to the table adds no key', async (_, change) => {
    await startOnce({ ALGORITHM: 'RS256' });
    storedKeys(change);
    expect((await runService(folder, { ALGORITHM: 'RS256' })).status).toBe(78);
  });

  it('stops no rotation from failing the same way', async () => {
    await startOnce(ES256);
    const finished = await runCli(folder, ['key', 'rotate'], { ...ES256, SECRET_KEY: NEW_SECRET });
    expect(finished).toMatchObject({ status: 78, stdout: '' });
    expect(storedKeys()).toHaveLength(1);
  });
});

describe('A new SECRET_KEY with the one before in SECRET_KEY_PREVIOUS', () => {
  const changed = { SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: SECRET_KEY };

  it('keeps the stored key and its tokens, and needs the one before only once', async () => {
    const token = await startOnce(ES256);
    const [before] = storedKeys();
    expect(await statusUnder({ ...ES256, ...changed }, token)).toBe(200);
    const [after, ...others] = storedKeys();
    expect(after).toEqual({ ...before, sealed_key: expect.any(String) });
    expect(after?.sealed_key).not.toBe(before?.sealed_key);
    expect(others).toEqual([]);
    expect(await statusUnder({ ...ES256, SECRET_KEY: NEW_SECRET }, token)).toBe(200);
    expect(storedKeys()).toEqual([after]);
  });

  it('keeps them through a time with HS256', async () => {
    const token = await startOnce(ES256);
    expect(await statusUnder({ ALGORITHM: 'HS256', ...changed }, token)).toBe(401);
    expect(await statusUnder({ ...ES256, SECRET_KEY: NEW_SECRET }, token)).toBe(200);
  });

  it.each(['HS256', 'HS384', 'HS512'])('accepts tokens of %s of before', async (ALGORITHM) => {
    const token = await startOnce({ ALGORITHM });
    expect(await statusUnder({ ALGORITHM, ...changed }, token)).toBe(200);
    expect(await statusUnder({ ALGORITHM, SECRET_KEY: NEW_SECRET }, token)).toBe(401);
  });

  it('signs with the new one', async () => {
    await startOnce({});
    const service = await startService(folder, changed);
    const token = await accessTokenFrom(service.url);
    await service.end();
    expect(await statusUnder({ SECRET_KEY: NEW_SECRET }, token)).toBe(200);
  });
});

describe('A change of ALGORITHM', () => {
  it('keeps the tokens that were signed with the key pair before', async () => {
    const token = await startOnce(ES256);
    const [{ kid } = { kid: '' }] = storedKeys();
    const service = await startService(folder, { ALGORITHM: 'RS256' });
    expect((await readProfile(service.url, token)).status).toBe(200);
    const [first, second] = await publishedKids(service.url);
    expect([first, second]).toContain(kid);
    const own = await accessTokenFrom(service.url);
    await service.end();
    expect(await statusUnder(ES256, own)).toBe(200);
    const bySecond = storedKeys('SELECT 1').map(({ algorithm }) => algorithm);
    expect(bySecond.sort()).toEqual(['ES256', 'RS256']);
  });

  it('counts from the start, also where the next key was made long before', async () => {
    await startOnce(ES256);
    const early = { ALGORITHM: 'RS256', KEY_PUBLISH_SECONDS: '0' };
    expect((await runCli(folder, ['key', 'rotate'], early)).status).toBe(0);
    storedKeys(`UPDATE signing_keys SET created_at = 2, signs_from = 2 WHERE algorithm = 'RS256'`);
    storedKeys(`UPDATE signing_keys SET created_at = 1, signs_from = 1 WHERE algorithm = 'ES256'`);
    const before = await startService(folder, ES256);
    const token = await accessTokenFrom(before.url);
    await before.end();
    expect(await statusUnder({ ALGORITHM: 'RS256' }, token)).toBe(200);
  });
});

it('A thumbprint is what names a stored key', async () => {
  await startOnce(ES256);
  const service = await startService(folder, ES256);
  const response = await fetch(`${service.url}/.well-known/jwks.json`);
  const { keys } = (await response.json()) as { keys: Record<string, string>[] };
  await service.end();
  const { crv, kty, x, y } = keys[0]!;
  const digest = createHash('sha256').update(JSON.stringify({ crv, kty, x, y }));
  expect(storedKeys().map(({ kid }) => kid)).toEqual([digest.digest('base64url')]);
});
