import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config/config-error.js';
import { createTestApp, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import {
  kidOf,
  PAIR_ALGORITHMS,
  publishedKeys,
  publishedKids,
  SECRET_ALGORITHMS,
  signKeyOf,
} from '../support/keys.js';
import { runCli, runService, startService } from '../support/processes.js';
import { accessTokenFrom, readProfile } from '../support/requests.js';
import { storedBytes } from '../support/schema.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const NEW_SECRET = 'the next key for the tests alone, 32 bytes and more';
const ES256 = { ALGORITHM: 'ES256' };

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

type Environment = Record<string, string>;

interface Row {
  kid: string;
  algorithm: string;
  sealed_key: string;
}

const storedKeys = () => sql<Row>(folder, 'SELECT * FROM signing_keys');

/** Starts the service on the database of the test, for as long as some work takes. */
async function serving<T>(changes: Environment, work: (app: TestApp) => Promise<T>): Promise<T> {
  const { url: DATABASE_URL } = await folder.database();
  const app = await createTestApp({ DATABASE_URL, ...changes });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** Starts the service for the first time, with a user. @returns a token of theirs */
function startOnce(changes: Environment): Promise<string> {
  return serving(changes, async (app) => {
    await app.createUser();
    return app.accessToken();
  });
}

/** How a service with another configuration answers an earlier token. */
function statusUnder(changes: Environment, token: string): Promise<number> {
  return serving(changes, async (app) => (await app.readProfile(token)).status);
}

/** What a start that must fail reports about the configuration. */
async function problemsOf(changes: Environment): Promise<string> {
  const start = serving(changes, () => Promise.resolve());
  const error: unknown = await start.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).message;
}

const advice = (kid: string) =>
  'The configuration has problems:\n' +
  `  SECRET_KEY: the stored key ${kid} can't be decrypted, so SECRET_KEY has changed: ` +
  'put the previous one into SECRET_KEY_PREVIOUS, ' +
  `or if that is lost revoke the key with: npm run -s cli -- key revoke ${kid}`;

describe.each(PAIR_ALGORITHMS)('The private key of %s', (ALGORITHM) => {
  it('is not readable anywhere in the database', async () => {
    const app = await createTestApp({ ALGORITHM });
    const jwk = signKeyOf(app).export({ format: 'jwk' }) as Record<string, string>;
    const bytes = await storedBytes(app);
    expect(bytes.includes('sealed_key')).toBe(true);
    for (const member of ALGORITHM === 'ES256' ? ['d'] : ['d', 'p', 'q', 'dp', 'dq', 'qi']) {
      const raw = Buffer.from(jwk[member]!, 'base64url');
      const forms = (['latin1', 'base64', 'hex'] as const).map((form) => raw.toString(form));
      for (const form of [jwk[member]!, ...forms]) {
        expect(bytes.includes(form)).toBe(false);
      }
    }
    await app.close();
  });
});

describe('A start with stored keys that do not open', () => {
  it('fails, and says what to do; revoking the key fixes it', async () => {
    const token = await startOnce(ES256);
    const [{ kid } = { kid: '' }] = await storedKeys();
    const changes = { ...ES256, SECRET_KEY: NEW_SECRET };
    const { status, stdout, stderr } = await runService(folder, changes);
    expect({ status, stdout, stderr }).toEqual({
      status: 78,
      stdout: '',
      stderr: `${advice(kid)}\n`,
    });
    expect(stderr).not.toContain(SECRET_KEY);

    const rotated = await runCli(folder, ['key', 'rotate'], changes);
    expect(rotated).toMatchObject({ status: 78, stdout: '' });
    expect((await storedKeys()).map((row) => row.kid)).toEqual([kid]);

    const revoked = await runCli(folder, ['key', 'revoke', kid], changes);
    expect(revoked).toEqual({ status: 0, stdout: `Revoked the key ${kid}\n`, stderr: '' });
    expect(await statusUnder(changes, token)).toBe(401);
    const [fresh, ...others] = await storedKeys();
    expect(others).toEqual([]);
    expect(fresh?.kid).not.toBe(kid);
  });

  it('fails with HS256 too, which needs none of them', async () => {
    await startOnce(ES256);
    const [{ kid } = { kid: '' }] = await storedKeys();
    expect(await problemsOf({ SECRET_KEY: NEW_SECRET })).toBe(advice(kid));
  });

  it('fails too where SECRET_KEY_PREVIOUS is a different one', async () => {
    await startOnce(ES256);
    const changes = { ...ES256, SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: `${NEW_SECRET}!` };
    expect(await problemsOf(changes)).toMatch(/^ {2}SECRET_KEY_PREVIOUS: the stored key /m);
  });

  it.each([
    ['a foreign text', `UPDATE signing_keys SET sealed_key = 'AAAA'`],
    ['another name', `UPDATE signing_keys SET kid = replace(kid, substr(kid, 1, 1), '_')`],
    ['another algorithm', `UPDATE signing_keys SET algorithm = 'PS256'`],
  ])('fails on a row with %s: write access to the table adds no key', async (_, change) => {
    await startOnce({ ALGORITHM: 'RS256' });
    await sql(folder, change);
    const [row] = await storedKeys();
    expect(await problemsOf({ ALGORITHM: 'RS256' })).toContain(`the stored key ${row?.kid} can't`);
  });
});

describe('A new SECRET_KEY with the previous one in SECRET_KEY_PREVIOUS', () => {
  const changed = { SECRET_KEY: NEW_SECRET, SECRET_KEY_PREVIOUS: SECRET_KEY };

  it('keeps the stored key and its tokens, and needs the previous one only once', async () => {
    await startOnce(ES256);
    const [before] = await storedKeys();

    const second = await startService(folder, { ...ES256, ...changed });
    const token = await accessTokenFrom(second.url);
    expect(kidOf(token)).toBe(before?.kid);
    await second.end();
    const [after, ...others] = await storedKeys();
    expect(after).toEqual({ ...before, sealed_key: expect.any(String) });
    expect(after?.sealed_key).not.toBe(before?.sealed_key);
    expect(others).toEqual([]);

    const third = await startService(folder, { ...ES256, SECRET_KEY: NEW_SECRET });
    expect((await readProfile(third.url, token)).status).toBe(200);
    await third.end();
    expect(await storedKeys()).toEqual([after]);
  });

  it('keeps them through a time with HS256', async () => {
    const token = await startOnce(ES256);
    expect(await statusUnder({ ALGORITHM: 'HS256', ...changed }, token)).toBe(401);
    expect(await statusUnder({ ...ES256, SECRET_KEY: NEW_SECRET }, token)).toBe(200);
  });

  it.each(SECRET_ALGORITHMS)('accepts earlier tokens of %s', async (ALGORITHM) => {
    const token = await startOnce({ ALGORITHM });
    expect(await statusUnder({ ALGORITHM, ...changed }, token)).toBe(200);
    expect(await statusUnder({ ALGORITHM, SECRET_KEY: NEW_SECRET }, token)).toBe(401);
  });

  it('signs with the new one', async () => {
    await startOnce({});
    const token = await serving(changed, (app) => app.accessToken());
    expect(await statusUnder({ SECRET_KEY: NEW_SECRET }, token)).toBe(200);
  });
});

describe('A change of ALGORITHM', () => {
  it('keeps the tokens that were signed with the previous key pair', async () => {
    const token = await startOnce(ES256);
    const [{ kid } = { kid: '' }] = await storedKeys();
    const own = await serving({ ALGORITHM: 'RS256' }, async (app) => {
      expect((await app.readProfile(token)).status).toBe(200);
      const [first, second] = await publishedKids(app.url);
      expect([first, second]).toContain(kid);
      return app.accessToken();
    });
    expect(await statusUnder(ES256, own)).toBe(200);
    const algorithms = (await storedKeys()).map(({ algorithm }) => algorithm);
    expect(algorithms.sort()).toEqual(['ES256', 'RS256']);
  });

  it('counts from the start, even where the next key was made long before', async () => {
    await startOnce(ES256);
    await serving({ ALGORITHM: 'RS256' }, () => Promise.resolve());
    await sql(
      folder,
      `UPDATE signing_keys SET created_at = 2, signs_from = 2 WHERE algorithm = 'RS256'`,
    );
    await sql(
      folder,
      `UPDATE signing_keys SET created_at = 1, signs_from = 1 WHERE algorithm = 'ES256'`,
    );
    const token = await serving(ES256, (app) => app.accessToken());
    expect(await statusUnder({ ALGORITHM: 'RS256' }, token)).toBe(200);
  });
});

it('A thumbprint is what names a stored key', async () => {
  const [key] = await serving(ES256, (app) => publishedKeys(app.url));
  const { crv, kty, x, y } = key!;
  const digest = createHash('sha256').update(JSON.stringify({ crv, kty, x, y }));
  expect((await storedKeys()).map(({ kid }) => kid)).toEqual([digest.digest('base64url')]);
});
