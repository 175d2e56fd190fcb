import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readToken } from '../support/forge-token.js';
import { basic } from '../support/oauth.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

interface Feed {
  cursor: string;
  revoked: { sid: string; exp: number }[];
}

describe('the feed of a running service', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;
  let credentials: Record<string, string>;

  beforeAll(async () => {
    folder = new TemporaryFolder();
    await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], {
      input: 'correct horse',
    });
    const { stdout } = await runCli(folder, ['client', 'create', 'api', '--json']);
    const { client_secret } = JSON.parse(stdout) as { client_secret: string };
    credentials = basic('api', client_secret);
    service = await startService(folder);
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  const read = async (query: string) =>
    (await (
      await fetch(`${service.url}/revocations${query}`, { headers: credentials })
    ).json()) as Feed;

  it('notifies waiting clients of what another process did', async () => {
    await accessTokenFrom(service.url);
    const { cursor } = await read('');
    const waiting = read(`?since=${cursor}&wait=25`);
    await runCli(folder, ['user', 'set-password', 'alex', '--password-stdin'], {
      input: 'correct horse',
    });
    expect((await waiting).revoked).toHaveLength(1);
  });

  it('releases waiting clients when the service is stopped', async () => {
    const { cursor } = await read('');
    const waiting = read(`?since=${cursor}&wait=25`);
    await until(async () => (await read('')).cursor === cursor);
    const begin = performance.now();
    expect(await service.end()).toBe(0);
    expect(performance.now() - begin).toBeLessThan(5_000);
    expect(await waiting).toEqual({ cursor, revoked: [] });
  });
});

describe('the feed of two services on one database', () => {
  it('misses no logout of two instances that end sessions at the same time', async () => {
    const folder = new TemporaryFolder();
    const services: ServiceProcess[] = [];
    try {
      const input = 'correct horse';
      const create = ['user', 'create', 'alex', '--password-stdin'];
      await runCli(folder, create, { input });
      const { stdout } = await runCli(folder, ['client', 'create', 'api', '--json']);
      const { client_secret } = JSON.parse(stdout) as { client_secret: string };
      for (let i = 0; i < 2; i++) services.push(await startService(folder));
      const urls = services.map(({ url }) => url);
      const tokens: string[] = [];
      for (let i = 0; i < 12; i++) tokens.push(await accessTokenFrom(urls[i % 2]!));
      const seen = new Set<string>();
      let since = '';
      const follow = async (url: string) => {
        const headers = basic('api', client_secret);
        const answer = await fetch(`${url}/revocations?since=${since}&wait=1`, { headers });
        const { cursor, revoked } = (await answer.json()) as Feed;
        since = cursor;
        for (const { sid } of revoked) seen.add(sid);
        return seen.size === tokens.length;
      };
      const logouts = tokens.map((token, i) =>
        fetch(`${urls[(i + 1) % 2]!}/users/me/sessions?current=true`, {
          method: 'DELETE',
          headers: { Authorization: `Bearer ${token}` },
        }),
      );
      await until(() => follow(urls[0]!));
      await Promise.all(logouts);
      expect([...seen].sort()).toEqual(
        tokens.map((token) => String(readToken(token).payload.sid)).sort(),
      );
    } finally {
      for (const service of services) await service.end();
      await folder.remove();
    }
  });
});
