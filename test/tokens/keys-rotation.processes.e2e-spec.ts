import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { DataSource } from 'typeorm';
import { createTestApp, ISSUER, type TestApp } from '../support/create-test-app.js';
import {
  keysOf,
  kidOf,
  PAIR_ALGORITHMS,
  publishedKids,
  rotate,
  signKeyOf,
} from '../support/keys.js';
import { sql } from '../support/sql.js';
import { until } from '../support/until.js';

const PUBLISH = 600;
const LIFETIME = 15 * 60;

const statusOf = async (app: TestApp, token: string) => (await app.readProfile(token)).status;

/** Counts how often the table of keys is read. */
function countReads({ app }: TestApp): () => number {
  const dataSource = app.get(DataSource);
  let count = 0;
  const logQuery = (query: string) => void (count += Number(query.includes('"signing_keys"')));
  dataSource.setOptions({ logging: ['query'] });
  dataSource.logger = { ...dataSource.logger, logQuery };
  return () => count;
}

/** A token that outlives every key, forged by someone who has the private key. */
function makeLongLived(app: TestApp, key: KeyObject, alg: string, kid: string): Promise<string> {
  const now = app.clock.now() / 1000;
  return new SignJWT({ sub: 'alex', uid: '1', jti: 'x' })
    .setProtectedHeader({ typ: 'at+jwt', alg, kid })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setIssuedAt(now)
    .setExpirationTime(now + 10 ** 6)
    .sign(key);
}

describe.each(PAIR_ALGORITHMS)('A rotation of %s', (ALGORITHM) => {
  let app: TestApp;
  let first: string;
  let second: string;
  let longLived: string;
  let lastOfFirst: string;
  beforeAll(async () => {
    app = await createTestApp({ ALGORITHM });
    await app.createUser();
    first = kidOf(await app.accessToken());
    longLived = await makeLongLived(app, signKeyOf(app), ALGORITHM, first);
  });
  afterAll(() => app.close());

  it('publishes the next key', async () => {
    const { kid, state, signsFrom } = await rotate(app);
    second = kid;
    expect({ state, signsFrom }).toEqual({
      state: 'next',
      signsFrom: app.clock.now() + PUBLISH * 1000,
    });
    expect(await publishedKids(app.url)).toEqual([first, second]);
  });

  it('signs with the previous key until every verifier has had time to fetch the next', async () => {
    expect(kidOf(await app.accessToken())).toBe(first);
    app.clock.advance(PUBLISH - 1);
    lastOfFirst = await app.accessToken();
    expect(kidOf(lastOfFirst)).toBe(first);
  });

  it('then signs with the next, and accepts both', async () => {
    app.clock.advance(1);
    const token = await app.accessToken();
    expect(kidOf(token)).toBe(second);
    for (const good of [token, lastOfFirst, longLived]) {
      expect(await statusOf(app, good)).toBe(200);
    }
    expect((await keysOf(app).list()).map(({ kid, state }) => [kid, state])).toEqual([
      [first, 'retired'],
      [second, 'signing'],
    ]);
  });

  it('accepts the previous key for as long as its last token lives', async () => {
    app.clock.advance(LIFETIME + 3);
    expect(await statusOf(app, lastOfFirst)).toBe(200);
    expect(await publishedKids(app.url)).toEqual([first, second]);
  });

  it('then drops it, with everything signed with it', async () => {
    app.clock.advance(60);
    await until(async () => (await sql(app, 'SELECT kid FROM signing_keys')).length === 1);
    expect(await publishedKids(app.url)).toEqual([second]);
    await until(async () => (await statusOf(app, longLived)) === 401);
    expect(kidOf(await app.accessToken())).toBe(second);
  });
});

describe('A revoked key', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ ALGORITHM: 'ES256' });
    await app.createUser();
  });
  afterAll(() => app.close());

  const revoke = async (kid: string) => {
    await keysOf(app).revoke(kid);
    await until(async () => !(await publishedKids(app.url)).includes(kid));
  };

  it('invalidates its tokens, even those used before; a new one signs', async () => {
    const token = await app.accessToken();
    expect(await statusOf(app, token)).toBe(200);
    await revoke(kidOf(token));
    expect(await statusOf(app, token)).toBe(401);
    const fresh = await app.accessToken();
    expect(kidOf(fresh)).not.toBe(kidOf(token));
    expect(await statusOf(app, fresh)).toBe(200);
  });

  it('is replaced by the next one at once', async () => {
    const { kid: next } = await rotate(app);
    const current = kidOf(await app.accessToken());
    expect(current).not.toBe(next);
    await revoke(current);
    expect(kidOf(await app.accessToken())).toBe(next);
    expect(await publishedKids(app.url)).toEqual([next]);
  });

  it('changes nothing for the one that signs, if it was the next', async () => {
    const current = kidOf(await app.accessToken());
    const { kid: next } = await rotate(app);
    await revoke(next);
    expect(await publishedKids(app.url)).toEqual([current]);
    expect(kidOf(await app.accessToken())).toBe(current);
  });

  it('does not bring back one that has retired', async () => {
    const retired = kidOf(await app.accessToken());
    await rotate(app);
    app.clock.advance(PUBLISH);
    const current = kidOf(await app.accessToken());
    await revoke(current);
    expect([retired, current]).not.toContain(kidOf(await app.accessToken()));
  });

  it('is replaced where someone emptied the table', async () => {
    const before = kidOf(await app.accessToken());
    await sql(app, 'DELETE FROM signing_keys');
    const after = await until(async () => {
      const response = await app.login();
      if (!response.ok) return false;
      const kid = kidOf(((await response.json()) as { access_token: string }).access_token);
      return kid !== before && kid;
    });
    await until(async () => (await publishedKids(app.url)).join() === after);
  });
});

describe('A service whose database is down', () => {
  it('keeps the keys that it knows', async () => {
    const app = await createTestApp({ ALGORITHM: 'ES256' });
    await app.createUser();
    const token = await app.accessToken();
    const { kid } = await keysOf(app).rotate();
    await sql(app, 'ALTER TABLE signing_keys RENAME TO gone');
    // A token signed with an unknown key: it can't be known whether it is valid.
    const unknown = await makeLongLived(app, signKeyOf(app), 'ES256', 'A'.repeat(43));
    expect(await statusOf(app, unknown)).toBe(503);
    expect(await publishedKids(app.url)).toContain(kidOf(token));
    expect(await statusOf(app, token)).toBe(200);
    expect(await statusOf(app, await app.accessToken())).toBe(200);
    await sql(app, 'ALTER TABLE gone RENAME TO signing_keys');
    expect(await statusOf(app, unknown)).toBe(401);
    expect(await publishedKids(app.url)).toContain(kid);
    await app.close();
  });
});

describe('Tokens signed with unknown keys', () => {
  it('cause at most about one read of the table a second, however many they are', async () => {
    const app = await createTestApp({ ALGORITHM: 'ES256' });
    await app.createUser();
    const reads = countReads(app);
    const key = signKeyOf(app);
    const tokens = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        makeLongLived(app, key, 'ES256', String(i).padStart(43, 'A')),
      ),
    );
    const statuses = await Promise.all(tokens.map((token) => statusOf(app, token)));
    expect(new Set(statuses)).toEqual(new Set([401]));
    expect(reads()).toBeGreaterThan(0);
    // One or two reads for them, and the service's own reads in that time.
    expect(reads()).toBeLessThan(10);
    const token = await app.accessToken();
    const before = reads();
    for (let i = 0; i < 20; i++) expect(await statusOf(app, token)).toBe(200);
    expect(reads() - before).toBeLessThan(3);
    await app.close();
  });
});
