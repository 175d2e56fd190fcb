import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SECRET_KEY } from './support/create-test-app.js';
import { keyId } from './support/forge-token.js';
import { type Finished, runCli, startService } from './support/processes.js';
import { TemporaryFolder } from './support/temporary-folder.js';

// Many processes a test, on whatever machine.
jest.setTimeout(90_000);

const PREVIOUS = 'the key before for the tests alone, 32 bytes and more';
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface Listed {
  kid: string;
  algorithm: string;
  state: string;
  created_at: string | null;
  signs_from: string | null;
}

const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });

function listedIn({ stdout }: Finished): Listed[] {
  return JSON.parse(stdout) as Listed[];
}

describe('The key commands with a key pair', () => {
  const settings = { ALGORITHM: 'ES256' };
  let folder: TemporaryFolder;
  let first: Listed;
  beforeAll(async () => {
    folder = new TemporaryFolder();
    await (await startService(folder, settings)).end();
    [first] = await list();
  });
  afterAll(() => folder.remove());

  const cli = (...args: string[]) => runCli(folder, ['key', ...args], settings);
  const list = async () => listedIn(await cli('list', '--json')) as [Listed, ...Listed[]];

  it('list the key of the first start', async () => {
    expect(await list()).toEqual([
      {
        kid: expect.stringMatching(/^\w[\w-]{42}$/),
        algorithm: 'ES256',
        state: 'signing',
        created_at: expect.stringMatching(ISO),
        signs_from: first.created_at,
      },
    ]);
  });

  it('rotate says which key comes, and when', async () => {
    const { status, stdout, stderr } = await cli('rotate');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [, next] = await list();
    expect(stdout).toBe(`Made the key ${next!.kid}, which signs from ${next!.signs_from} on\n`);
    expect(next).toMatchObject({ algorithm: 'ES256', state: 'next' });
    expect(Date.parse(next!.signs_from!) - Date.parse(next!.created_at!)).toBe(600_000);
  });

  it('list a table in the order in which the keys sign', async () => {
    const [one, two] = await list();
    const { stdout } = await cli('list');
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
      ['kid', 'algorithm', 'state', 'created_at', 'signs_from'],
      Object.values(one),
      Object.values(two!),
      [''],
    ]);
  });

  it('revoke the one that signs, and the next one does at once', async () => {
    const [, next] = await list();
    const finished = await cli('revoke', first.kid);
    expect(finished).toEqual({ status: 0, stdout: `Revoked the key ${first.kid}\n`, stderr: '' });
    expect(await list()).toEqual([
      { ...next, state: 'signing', signs_from: expect.stringMatching(ISO) },
    ]);
    expect(Date.parse((await list())[0].signs_from!)).toBeLessThan(Date.parse(next!.signs_from!));
  });

  it('revoke the last one, and a fresh one signs', async () => {
    const [{ kid }] = await list();
    expect((await cli('revoke', kid)).status).toBe(0);
    const [fresh, ...others] = await list();
    expect(fresh).toMatchObject({ state: 'signing', signs_from: fresh.created_at });
    expect(fresh.kid).not.toBe(kid);
    expect(others).toEqual([]);
  });

  it('revoke says when there is no such key', async () => {
    expect(await cli('revoke', 'nothing')).toEqual(refused('There is no key "nothing"'));
    expect(await cli('revoke', first.kid)).toEqual(refused(`There is no key "${first.kid}"`));
    expect(await cli('revoke', keyId())).toEqual(refused(`There is no key "${keyId()}"`));
    expect(await list()).toHaveLength(1);
  });

  it('print no secret', async () => {
    const outputs = [await cli('rotate'), await cli('list'), await cli('list', '--json')];
    expect(JSON.stringify(outputs)).not.toMatch(/"d\\?"|sealed/);
    expect(JSON.stringify(outputs)).not.toContain(SECRET_KEY);
  });
});

describe.each(['HS256', 'HS384', 'HS512'])('The key commands with %s', (ALGORITHM) => {
  let folder: TemporaryFolder;
  beforeAll(() => void (folder = new TemporaryFolder()));
  afterAll(() => folder.remove());

  const settings = { ALGORITHM, SECRET_KEY_PREVIOUS: PREVIOUS };
  const cli = (...args: string[]) => runCli(folder, ['key', ...args], settings);
  const own = { algorithm: ALGORITHM, created_at: null, signs_from: null };

  it('list what follows from SECRET_KEY and SECRET_KEY_PREVIOUS', async () => {
    expect(listedIn(await cli('list', '--json'))).toEqual([
      { ...own, kid: keyId(), state: 'signing' },
      { ...own, kid: keyId(PREVIOUS), state: 'retired' },
    ]);
  });

  it('rotate nothing, and say how it is done', async () => {
    expect(await cli('rotate')).toEqual(
      refused(
        `With ALGORITHM=${ALGORITHM} the key is SECRET_KEY itself: make another one with ` +
          '"npm run -s cli -- secret generate", put the one of now into SECRET_KEY_PREVIOUS, ' +
          'and start the service again',
      ),
    );
  });

  it('revoke nothing, and say how it is done', async () => {
    expect(await cli('revoke', '--', keyId())).toEqual(
      refused(
        'This key is SECRET_KEY itself: to give it up, set another one without ' +
          'SECRET_KEY_PREVIOUS, and start the service again',
      ),
    );
    expect(await cli('revoke', '--', keyId(PREVIOUS))).toEqual(
      refused(
        'This key is SECRET_KEY_PREVIOUS itself: to give it up, take that away, ' +
          'and start the service again',
      ),
    );
    expect(await cli('revoke', 'nothing')).toEqual(refused('There is no key "nothing"'));
  });
});

describe('The key commands with HS256 after a time with a key pair', () => {
  it('list the pair as retired, and can take it away', async () => {
    const folder = new TemporaryFolder();
    await (await startService(folder, { ALGORITHM: 'RS256' })).end();
    const cli = (...args: string[]) => runCli(folder, ['key', ...args]);
    const [secret, pair] = listedIn(await cli('list', '--json'));
    expect(secret).toMatchObject({ kid: keyId(), state: 'signing' });
    expect(pair).toMatchObject({ algorithm: 'RS256', state: 'retired' });
    expect((await cli('revoke', pair!.kid)).status).toBe(0);
    expect(listedIn(await cli('list', '--json'))).toEqual([secret]);
    folder.remove();
  });
});

describe('A key command that is not right', () => {
  it.each([
    [['key'], /Usage: latchkey key/],
    [['key', 'revoke'], /missing required argument 'kid'/],
    [['key', 'rotate', 'now'], /too many arguments/],
  ])('%j exits 2 and says what is wrong', async (args, sentence) => {
    const folder = new TemporaryFolder();
    const { status, stdout, stderr } = await runCli(folder, args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    folder.remove();
  });
});
