import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCliProcess, type ServiceProcess, startService } from '../support/processes.js';
import { readProfile } from '../support/requests.js';
import { openSession, refresh, refreshed, tokensIn } from '../support/sessions.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

describe('The built service, with a key pair', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;
  const settings = { ALGORITHM: 'ES256', KEY_PUBLISH_SECONDS: '0' };
  const cli = (args: string[], input = '') => runCliProcess(folder, args, { ...settings, input });

  beforeAll(async () => {
    folder = new TemporaryFolder();
    expect((await cli(['user', 'create', 'alex', '--password-stdin'], PASSWORD)).status).toBe(0);
    service = await startService(folder, settings);
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  it('gives one successor for a refresh token, however many requests bring it at once', async () => {
    const first = await openSession(service.url);
    const all = Array.from({ length: 20 }, () => refresh(service.url, first.refresh_token));
    const successors = await Promise.all((await Promise.all(all)).map(tokensIn));
    expect(new Set(successors.map(({ refresh_token }) => refresh_token)).size).toBe(1);
  });

  it('ends the session when an old refresh token comes back', async () => {
    const first = await openSession(service.url);
    const last = await refreshed(service.url, await refreshed(service.url, first));
    const reused = await refresh(service.url, first.refresh_token);
    expect(reused.status).toBe(400);
    expect((await readProfile(service.url, last.access_token)).status).toBe(401);
  });

  it('keeps tokens valid while its key is rotated', async () => {
    const { access_token } = await openSession(service.url);
    expect((await cli(['key', 'rotate'])).status).toBe(0);
    const { keys } = (await (await fetch(`${service.url}/.well-known/jwks.json`)).json()) as {
      keys: unknown[];
    };
    expect(keys.length).toBeGreaterThan(0);
    expect((await readProfile(service.url, access_token)).status).toBe(200);
  });
});
