import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD, SECRET_KEY } from '../support/create-test-app.js';
import { kidOf, publishedKids } from '../support/keys.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom, readProfile } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

/** Two instances on one file, through the life of their keys: each test continues where the one before ended. */
describe('Two instances on one database', () => {
  const settings = { ALGORITHM: 'ES256', KEY_PUBLISH_SECONDS: '5' };
  let folder: TemporaryFolder;
  let instances: [ServiceProcess, ServiceProcess];

  beforeAll(async () => {
    folder = new TemporaryFolder();
    // Migrations are not the subject here.
    const create = ['user', 'create', 'alex', '--password-stdin'];
    const { status } = await runCli(folder, create, { ...settings, input: PASSWORD });
    expect(status).toBe(0);
    instances = await Promise.all([startService(folder, settings), startService(folder, settings)]);
  });
  afterAll(async () => {
    await Promise.all(instances.map((instance) => instance.end()));
    await folder.remove();
  });

  const key = (args: string[], changes = {}) =>
    runCli(folder, ['key', ...args], { ...settings, ...changes });

  /** Logs in at each instance. @returns the kids of the tokens */
  const signingKids = async () =>
    (await Promise.all(instances.map(({ url }) => accessTokenFrom(url)))).map(kidOf);

  /** Logs in at each instance, and presents each token to all. @returns the kids of the tokens, one per instance */
  async function goAround(): Promise<string[]> {
    const tokens = await Promise.all(instances.map(({ url }) => accessTokenFrom(url)));
    const shown = tokens.flatMap((token) => instances.map(({ url }) => readProfile(url, token)));
    for (const { status } of await Promise.all(shown)) expect(status).toBe(200);
    return tokens.map(kidOf);
  }

  /** Makes the next key, and repeats until both sign with it. @returns how often */
  async function rotateUnderLoad(changes = {}): Promise<number> {
    const old = await accessTokenFrom(instances[0].url);
    const end = new AbortController();
    let rounds = 0;
    const load = (async () => {
      while (!end.signal.aborted) {
        await goAround();
        expect((await readProfile(instances[0].url, old)).status).toBe(200);
        rounds++;
      }
    })();
    const { stdout } = await key(['rotate'], changes);
    const [, kid] = /^Made the key (\S+), which signs from \S+Z on\n$/.exec(stdout)!;
    const isTurned = async () => (await signingKids()).every((own) => own === kid);
    await Promise.race([load, until(isTurned)]);
    expect(await goAround()).toEqual([kid, kid]);
    end.abort();
    await load;
    return rounds;
  }

  it('agree on one key when they start for the first time at once', async () => {
    const [first, second] = instances;
    const published = await until(async () => {
      const [one, other] = [await publishedKids(first.url), await publishedKids(second.url)];
      return one.join() === other.join() && one;
    });
    await until(async () => (await goAround()).every((kid) => kid === published.at(-1)));
  });

  it.each([
    ['published for a time', {}],
    ['that signs at once', { KEY_PUBLISH_SECONDS: '0' }],
  ])('switch to a key %s, without refusing a single valid token', async (_, changes) => {
    expect(await rotateUnderLoad(changes)).toBeGreaterThan(2);
  });

  it('refuse the tokens of a revoked key, and continue with another', async () => {
    const token = await accessTokenFrom(instances[0].url);
    const statuses = () =>
      Promise.all(instances.map(async (i) => (await readProfile(i.url, token)).status));
    expect(await statuses()).toEqual([200, 200]);
    expect((await key(['revoke', kidOf(token)])).status).toBe(0);
    await until(async () => (await statuses()).every((status) => status === 401));
    expect(await goAround()).not.toContain(kidOf(token));
  });

  it('continue when one has got a new SECRET_KEY and sealed the keys again', async () => {
    await until(async () => new Set(await goAround()).size === 1);
    const [first, second] = instances;
    await second.end();
    const changed = {
      SECRET_KEY: 'the next key for the tests alone, 32 bytes and more',
      SECRET_KEY_PREVIOUS: SECRET_KEY,
    };
    const renewed = await startService(folder, { ...settings, ...changed });
    instances = [first, renewed];
    // The other one can't open what is in the table now, and doesn't need to.
    for (let i = 0; i < 5; i++) await goAround();
    expect((await key(['rotate'], changed)).stdout).toMatch(/^Made the key /);
    const complaints = () =>
      first.log.filter(({ msg }) => String(msg).includes("can't be decrypted")).length;
    await until(() => complaints() === 1);
    await goAround();
    // Each instance reloads the keys on its own schedule.
    await until(async () => {
      const [own, others] = [await publishedKids(renewed.url), await publishedKids(first.url)];
      return own.length === others.length + 1;
    });
    expect(complaints()).toBe(1);
  });
});
