import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import { keyId } from '../support/forge-token.js';
import { keysOf, SECRET_ALGORITHMS } from '../support/keys.js';
import { type Finished, runCli, startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const PREVIOUS = 'the previous key for the tests alone, 32 bytes and more';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface Listed {
  kid: string;
  algorithm: string;
  state: string;
  created_at: string | null;
  signs_from: string | null;
}

const noSuchKey = (kid: string) => `There is no key "${kid}"`;

describe('The key commands', () => {
  const settings = { ALGORITHM: 'ES256' };
  const outputs: Finished[] = [];
  let folder: TemporaryFolder;
  let first: Listed;
  let next: Listed;
  beforeAll(async () => {
    folder = new TemporaryFolder();
    await (await startService(folder, settings)).end();
  });
  afterAll(() => folder.remove());

  const cli = async (...args: string[]) => {
    const finished = await runCli(folder, ['key', ...args], settings);
    outputs.push(finished);
    return finished;
  };
  const list = async () => JSON.parse((await cli('list', '--json')).stdout) as Listed[];

  it('list the key of the first start', async () => {
    const keys = await list();
    first = keys[0]!;
    expect(keys).toEqual([
      {
        kid: expect.stringMatching(/^\w[\w-]{42}$/),
        algorithm: 'ES256',
        state: 'signing',
        created_at: expect.stringMatching(ISO),
        signs_from: first.created_at,
      },
    ]);
  });

  it('rotate says which key comes next, and when', async () => {
    const { status, stdout, stderr } = await cli('rotate');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const keys = await list();
    next = keys[1]!;
    expect(keys).toEqual([first, next]);
    expect(stdout).toBe(`Made the key ${next.kid}, which signs from ${next.signs_from} on\n`);
    expect(next).toMatchObject({ algorithm: 'ES256', state: 'next' });
    expect(Date.parse(next.signs_from!) - Date.parse(next.created_at!)).toBe(600_000);
  });

  it('list a table in the order in which the keys sign', async () => {
    const { stdout } = await cli('list');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['kid', 'algorithm', 'state', 'created_at', 'signs_from'],
      Object.values(first),
      Object.values(next),
      [''],
    ]);
  });

  it('revoke the one that signs, and the next one does at once', async () => {
    const finished = await cli('revoke', first.kid);
    expect(finished).toEqual({ status: 0, stdout: `Revoked the key ${first.kid}\n`, stderr: '' });
    const [signing, ...others] = await list();
    expect(signing).toEqual({
      ...next,
      state: 'signing',
      signs_from: expect.stringMatching(ISO),
    });
    expect(others).toEqual([]);
    expect(Date.parse(signing!.signs_from!)).toBeLessThan(Date.parse(next.signs_from!));
  });

  it('revoke says when there is no such key', async () => {
    const stderr = `${noSuchKey(first.kid)}\n`;
    expect(await cli('revoke', first.kid)).toEqual({ status: 1, stdout: '', stderr });
  });

  it('print no secret', () => {
    expect(outputs.length).toBeGreaterThan(5);
    expect(JSON.stringify(outputs)).not.toMatch(/"d\\?"|sealed/);
    expect(JSON.stringify(outputs)).not.toContain(SECRET_KEY);
  });

  it('explain with HS256 how a secret is rotated', async () => {
    const { status, stdout, stderr } = await runCli(folder, ['key', 'rotate']);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^With ALGORITHM=HS256 the key is SECRET_KEY itself: .*\n$/);
  });

  it.each([
    [['key'], /Usage: latchkey key/],
    [['key', 'revoke'], /missing required argument 'kid'/],
    [['key', 'rotate', 'now'], /too many arguments/],
  ])('as %j exit 2 and say what is wrong', async (args, sentence) => {
    const { status, stdout, stderr } = await runCli(folder, args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });
});

describe.each(SECRET_ALGORITHMS)('With %s', (ALGORITHM) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp({ ALGORITHM, SECRET_KEY_PREVIOUS: PREVIOUS });
  });
  afterAll(() => app.close());

  const own = { algorithm: ALGORITHM, createdAt: null, signsFrom: null };

  it('the keys are derived from SECRET_KEY and SECRET_KEY_PREVIOUS', async () => {
    expect(await keysOf(app).list()).toEqual([
      { ...own, kid: keyId(), state: 'signing' },
      { ...own, kid: keyId(PREVIOUS), state: 'retired' },
    ]);
  });

  it('nothing is rotated, and the answer says how to do it', async () => {
    await expect(keysOf(app).rotate()).rejects.toThrow(
      `With ALGORITHM=${ALGORITHM} the key is SECRET_KEY itself: make another one with ` +
        '"npm run -s cli -- secret generate", put the current one into SECRET_KEY_PREVIOUS, ' +
        'and restart the service',
    );
  });

  it('nothing is revoked, and the answer says how to do it', async () => {
    await expect(keysOf(app).revoke(keyId())).rejects.toThrow(
      'This key is SECRET_KEY itself: to revoke it, set another one without ' +
        'SECRET_KEY_PREVIOUS, and restart the service',
    );
    await expect(keysOf(app).revoke(keyId(PREVIOUS))).rejects.toThrow(
      'This key is SECRET_KEY_PREVIOUS itself: to revoke it, remove that, ' +
        'and restart the service',
    );
    await expect(keysOf(app).revoke('nothing')).rejects.toThrow(noSuchKey('nothing'));
  });
});

describe('A key pair from before', () => {
  it('is listed as retired with HS256, and can be revoked; SECRET_KEY is no key pair', async () => {
    const pairs = await createTestApp({ ALGORITHM: 'RS256' });
    const secrets = await createTestApp({ DATABASE_URL: pairs.databaseUrl });
    const [secret, pair, ...others] = await keysOf(secrets).list();
    expect(secret).toMatchObject({ kid: keyId(), state: 'signing' });
    expect(pair).toMatchObject({ algorithm: 'RS256', state: 'retired' });
    expect(others).toEqual([]);
    await expect(keysOf(pairs).revoke(keyId())).rejects.toThrow(noSuchKey(keyId()));
    await keysOf(secrets).revoke(pair!.kid);
    expect(await keysOf(secrets).list()).toEqual([secret]);
    await secrets.close();
    await pairs.close();
  });
});
