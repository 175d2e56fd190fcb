import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientIdTaken, ClientNotFound, InvalidClientId } from '../../src/clients/client-errors.js';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { storedBytes } from '../support/schema.js';
import { sql } from '../support/sql.js';

const HOUR = 3_600_000;
const matches = { matches: true };
const mismatch = { matches: false, reason: 'mismatch' };

let app: TestApp;
let clients: ClientsService;
beforeAll(async () => {
  app = await createTestApp();
  clients = app.app.get(ClientsService);
});
afterAll(() => app.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const advance = (milliseconds: number) => app.clock.advance(milliseconds / 1000);
const rowOf = async (id: string) => (await sql(app, 'SELECT * FROM clients WHERE id = ?', id))[0];

describe('a new client', () => {
  it('has a secret of 256 random bits, of which the database stores only the SHA-256', async () => {
    const { id, secret } = await clients.create('fresh');
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(await rowOf(id)).toEqual({
      id: 'fresh',
      secret_hash: sha256(secret),
      previous_secret_hash: null,
      previous_expires_at: null,
      created_at: app.clock.now(),
    });
    expect((await clients.create('fresher')).secret).not.toBe(secret);
  });

  it('leaves no secret in the database', async () => {
    const { secret } = await clients.create('written');
    const rotated = await clients.rotate('written', HOUR);
    const bytes = await storedBytes(app);
    expect(bytes).toContain(sha256(secret));
    expect(bytes).toContain(sha256(rotated.secret));
    expect(bytes).not.toContain(secret);
    expect(bytes).not.toContain(rotated.secret);
  });

  it.each(['a', 'x'.repeat(64), 'A-z_0.9~', '-', '...'])('may be called %j', async (id) => {
    const { secret } = await clients.create(id);
    expect(await clients.verify(id, secret)).toEqual(matches);
  });

  it.each(['', 'x'.repeat(65), 'a b', 'a:b', 'a/b', 'a%41', 'é', 'a\n', 'a\0', '\u202e'])(
    'may not be called %j',
    async (id) => {
      const refused = clients.create(id);
      await expect(refused).rejects.toThrow(InvalidClientId);
      await expect(refused).rejects.toMatchObject({
        detail: expect.stringMatching(/^client_id: /),
        errors: [{ field: 'client_id' }],
      });
      expect(await sql(app, 'SELECT id FROM clients')).not.toContainEqual({ id });
    },
  );

  it('does not take the id of another, which keeps its secret', async () => {
    const { secret } = await clients.create('first');
    await expect(clients.create('first')).rejects.toThrow(ClientIdTaken);
    expect(await clients.verify('first', secret)).toEqual(matches);
    expect(await clients.verify('FIRST', secret)).toMatchObject({ matches: false });
  });

  it('is one client, however many are made at once', async () => {
    const all = await Promise.allSettled(Array.from({ length: 10 }, () => clients.create('race')));
    const made = all.filter((one) => one.status === 'fulfilled');
    expect(made).toHaveLength(1);
    expect(await clients.verify('race', made[0]!.value.secret)).toEqual(matches);
  });
});

describe('a secret', () => {
  let secret: string;
  beforeAll(async () => void ({ secret } = await clients.create('app')));

  it.each([
    ['the right one', (right: string) => right, matches],
    ['none', () => '', mismatch],
    ['a part', (right: string) => right.slice(0, -1), mismatch],
    ['more', (right: string) => `${right}=`, mismatch],
    ['other case', (right: string) => right.toUpperCase(), mismatch],
    ['the stored hash', (right: string) => sha256(right), mismatch],
    ['a long text', () => 'x'.repeat(65_536), mismatch],
  ])('is compared exactly: %s', async (_, made, verdict) => {
    expect(await clients.verify('app', made(secret))).toEqual(verdict);
  });

  it.each(['nobody', '', 'APP', 'app ', 'app\0', 'x'.repeat(10_000)])(
    'belongs to no other client: %j',
    async (id) => {
      expect(await clients.verify(id, secret)).toEqual({
        matches: false,
        reason: 'unknown_client',
      });
    },
  );

  it('of a row that holds no hash is never right', async () => {
    await sql(app, "INSERT INTO clients VALUES ('odd', '', '', ?, 0)", app.clock.now() + HOUR);
    for (const given of ['', '0', '0'.repeat(64)]) {
      expect(await clients.verify('odd', given)).toEqual(mismatch);
    }
    await clients.delete('odd');
  });
});

describe('a rotation', () => {
  it('keeps the old secret valid for a stated time, and not a moment longer', async () => {
    const old = await clients.create('rotated');
    const { secret, previousExpiresAt } = await clients.rotate('rotated', 2 * HOUR);
    expect(previousExpiresAt).toBe(app.clock.now() + 2 * HOUR);
    expect(secret).not.toBe(old.secret);
    expect(await clients.verify('rotated', secret)).toEqual(matches);
    expect(await clients.verify('rotated', old.secret)).toEqual(matches);
    advance(2 * HOUR - 1);
    expect(await clients.verify('rotated', old.secret)).toEqual(matches);
    advance(1);
    expect(await clients.verify('rotated', old.secret)).toEqual(mismatch);
    expect(await clients.verify('rotated', secret)).toEqual(matches);
  });

  it('ends the old secret at once on request, and forgets its hash', async () => {
    const old = await clients.create('ended');
    const { secret, previousExpiresAt } = await clients.rotate('ended', 0);
    expect(previousExpiresAt).toBeNull();
    expect(await clients.verify('ended', old.secret)).toEqual(mismatch);
    expect(await clients.verify('ended', secret)).toEqual(matches);
    expect(await rowOf('ended')).toMatchObject({
      previous_secret_hash: null,
      previous_expires_at: null,
    });
  });

  it('ends the secret before the last at once', async () => {
    const first = await clients.create('twice');
    const second = await clients.rotate('twice', 24 * HOUR);
    const third = await clients.rotate('twice', HOUR);
    expect(await clients.verify('twice', first.secret)).toEqual(mismatch);
    expect(await clients.verify('twice', second.secret)).toEqual(matches);
    expect(await clients.verify('twice', third.secret)).toEqual(matches);
  });

  it('affects one client alone', async () => {
    const [one, other] = [await clients.create('one'), await clients.create('other')];
    await clients.rotate('one', 0);
    expect(await clients.verify('one', one.secret)).toEqual(mismatch);
    expect(await clients.verify('other', other.secret)).toEqual(matches);
  });

  it('needs a client', async () => {
    await expect(clients.rotate('nobody', HOUR)).rejects.toThrow(ClientNotFound);
  });
});

describe('the end of a client', () => {
  it('ends its secrets at once, and nobody else’s', async () => {
    const old = await clients.create('gone');
    const { secret } = await clients.rotate('gone', HOUR);
    const other = await clients.create('stays');
    await clients.delete('gone');
    for (const given of [old.secret, secret]) {
      expect(await clients.verify('gone', given)).toMatchObject({ reason: 'unknown_client' });
    }
    expect(await clients.find('gone')).toBeNull();
    expect(await clients.verify('stays', other.secret)).toEqual(matches);
  });

  it('needs a client', async () => {
    await expect(clients.delete('nobody')).rejects.toThrow(ClientNotFound);
  });
});

describe('the list of clients', () => {
  it('has ids and times, oldest first, and nothing secret', async () => {
    await sql(app, 'DELETE FROM clients');
    await clients.create('b');
    advance(1);
    await clients.create('a');
    const now = app.clock.now();
    const listed = await clients.list();
    expect(listed.map((client) => ({ ...client }))).toEqual([
      { id: 'b', createdAt: now - 1 },
      { id: 'a', createdAt: now },
    ]);
  });
});
