import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { kidOf, publishedKids } from '../support/keys.js';
import { runCli, startService } from '../support/processes.js';
import { accessTokenFrom, readProfile } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

describe('Keys, from the first to the last', () => {
  let folder: TemporaryFolder;
  beforeAll(() => void (folder = new TemporaryFolder()));
  afterAll(() => folder.remove());

  it('are made, rotated, listed, revoked and sealed again', async () => {
    const settings = { ALGORITHM: 'ES256' };
    const service = await startService(folder, settings);
    const cli = (...args: string[]) => runCli(folder, args, { ...settings, input: PASSWORD });
    await cli('user', 'create', 'alex', '--password-stdin');
    const token = await accessTokenFrom(service.url);
    expect((await readProfile(service.url, token)).status).toBe(200);

    expect((await cli('key', 'rotate')).stdout).toMatch(/^Made the key \S+, which signs from /);
    const { stdout } = await cli('key', 'list', '--json');
    const [first, next] = JSON.parse(stdout) as { kid: string; state: string }[];
    expect(first).toMatchObject({ kid: kidOf(token), state: 'signing' });
    expect(next).toMatchObject({ state: 'next', signs_from: expect.stringMatching(/Z$/) });
    await until(async () => (await publishedKids(service.url)).length === 2);

    expect((await cli('key', 'revoke', kidOf(token))).status).toBe(0);
    await until(async () => (await readProfile(service.url, token)).status === 401);
    const another = await accessTokenFrom(service.url);
    expect(kidOf(another)).toBe(next!.kid);
    expect((await cli('key', 'revoke', next!.kid)).status).toBe(0);
    await until(async () => !(await publishedKids(service.url)).includes(next!.kid));
    const last = await accessTokenFrom(service.url);
    await service.end();

    const SECRET_KEY = 'the next key for the tests alone, 32 bytes and more';
    expect((await runCli(folder, ['key', 'rotate'], { ...settings, SECRET_KEY })).status).toBe(78);
    const SECRET_KEY_PREVIOUS = 'a key for the tests alone, 32 bytes and more';
    for (const changes of [{ SECRET_KEY, SECRET_KEY_PREVIOUS }, { SECRET_KEY }]) {
      const renewed = await startService(folder, { ...settings, ...changes });
      expect((await readProfile(renewed.url, last)).status).toBe(200);
      await renewed.end();
    }
  });
});
