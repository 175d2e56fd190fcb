import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD } from './support/create-test-app.js';
import { kidOf, publishedKids } from './support/keys.js';
import { runCli, type ServiceProcess, startService } from './support/processes.js';
import { accessTokenFrom, readProfile } from './support/requests.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { until } from './support/until.js';

let folder: TemporaryFolder;
let instances: ServiceProcess[];
beforeEach(() => {
  folder = new TemporaryFolder();
  instances = [];
});
afterEach(async () => {
  await Promise.all(instances.map((instance) => instance.end()));
  folder.remove();
});

/** Starts two instances at once on one file, and makes a user. */
async function startTwo(
  changes: Record<string, string>,
): Promise<[ServiceProcess, ServiceProcess]> {
  // The migrations are not what this is about.
  expect((await runCli(folder, ['user', 'list'], changes)).status).toBe(0);
  const started = await Promise.all([startService(folder, changes), startService(folder, changes)]);
  instances = started;
  const input = PASSWORD;
  await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], { ...changes, input });
  return started;
}

/** Logs in at each instance, and shows each token to all. @returns the kids of the tokens, an instance each */
async function goAround(): Promise<string[]> {
  const tokens = await Promise.all(instances.map(({ url }) => accessTokenFrom(url)));
  const shown = tokens.flatMap((token) => instances.map(({ url }) => readProfile(url, token)));
  for (const { status } of await Promise.all(shown)) expect(status).toBe(200);
  return tokens.map(kidOf);
}

describe('Two instances on one database', () => {
  it.each(['RS256', 'ES256'])(
    'come to one key of %s when they start for the first time at once',
    async (ALGORITHM) => {
      const [first, second] = await startTwo({ ALGORITHM });
      const published = await until(async () => {
        const [one, other] = [await publishedKids(first.url), await publishedKids(second.url)];
        return one.join() === other.join() && one;
      });
      await until(async () => {
        const kids = await goAround();
        return kids.every((kid) => kid === published.at(-1));
      });
    },
    60_000,
  );

  it.each([
    ['published for a time', 'ES256', '5'],
    ['that signs at once', 'RS256', '0'],
  ])(
    'turn to a key %s, and refuse not one good token',
    async (_, ALGORITHM, KEY_PUBLISH_SECONDS) => {
      const settings = { ALGORITHM, KEY_PUBLISH_SECONDS };
      const [{ url }] = await startTwo(settings);
      const old = await accessTokenFrom(url);
      const end = new AbortController();
      let rounds = 0;
      const load = (async () => {
        while (!end.signal.aborted) {
          await goAround();
          expect((await readProfile(url, old)).status).toBe(200);
          rounds++;
        }
      })();
      const { stdout } = await runCli(folder, ['key', 'rotate'], settings);
      const [, kid] = /^Made the key (\S+), which signs from \S+Z on\n$/.exec(stdout)!;
      await Promise.race([
        load,
        until(async () => {
          const kids = await Promise.all(instances.map(async (i) => accessTokenFrom(i.url)));
          return kids.map(kidOf).every((own) => own === kid);
        }),
      ]);
      expect(await goAround()).toEqual([kid, kid]);
      end.abort();
      await load;
      expect(rounds).toBeGreaterThan(2);
    },
    60_000,
  );

  it('refuse the tokens of a key that is given up, and go on with another', async () => {
    const settings = { ALGORITHM: 'ES256' };
    const [{ url }] = await startTwo(settings);
    await until(async () => new Set(await goAround()).size === 1);
    const token = await accessTokenFrom(url);
    const statuses = () =>
      Promise.all(instances.map(async (i) => (await readProfile(i.url, token)).status));
    expect(await statuses()).toEqual([200, 200]);
    expect((await runCli(folder, ['key', 'revoke', kidOf(token)], settings)).status).toBe(0);
    await until(async () => (await statuses()).every((status) => status === 401));
    expect(await goAround()).not.toContain(kidOf(token));
  }, 60_000);

  it('go on when one has taken a new SECRET_KEY and sealed the keys anew', async () => {
    const settings = { ALGORITHM: 'ES256' };
    const [first, second] = await startTwo(settings);
    await until(async () => new Set(await goAround()).size === 1);
    await second.end();
    const SECRET_KEY = 'the next key for the tests alone, 32 bytes and more';
    const before = 'a key for the tests alone, 32 bytes and more';
    const changed = { ...settings, SECRET_KEY, SECRET_KEY_PREVIOUS: before };
    const renewed = await startService(folder, changed);
    instances = [first, renewed];
    // The other one can't open what is in the table now, and needn't.
    for (let i = 0; i < 5; i++) await goAround();
    const { stdout } = await runCli(folder, ['key', 'rotate'], changed);
    expect(stdout).toMatch(/^Made the key /);
    const complaints = () =>
      first.log.filter(({ msg }) => String(msg).includes('does not open')).length;
    await until(() => complaints() === 1);
    await goAround();
    // Each instance looks at the keys when its own time has come.
    await until(async () => {
      const [own, others] = [await publishedKids(renewed.url), await publishedKids(first.url)];
      return own.length === others.length + 1;
    });
    expect(complaints()).toBe(1);
  }, 60_000);
});
