import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCliProcess, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { tally } from '../support/accounts.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

describe('The built service', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;

  beforeAll(async () => {
    folder = new TemporaryFolder();
    const create = ['user', 'create', 'alex', '--email', 'alex@example.com', '--password-stdin'];
    expect((await runCliProcess(folder, create, { input: PASSWORD })).status).toBe(0);
    service = await startService(folder);
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  it('exchanges username and password for a token, and returns the profile for it', async () => {
    const profile = await readProfile(service.url, await accessTokenFrom(service.url));
    expect(await profile.json()).toEqual({
      'user data': {
        username: 'alex',
        email: 'alex@example.com',
        full_name: null,
        disabled: false,
      },
    });
  });

  it('refuses a wrong password', async () => {
    const refused = await logIn(service.url, { password: 'wrong horse' });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('lets sixteen people log in at once', async () => {
    const logins = Array.from({ length: 16 }, () => logIn(service.url));
    expect(tally(await Promise.all(logins))).toEqual({ 200: 16 });
  });

  it('serves its docs page and the document', async () => {
    expect(await (await fetch(`${service.url}/docs`)).text()).toContain('swagger-ui');
    expect((await fetch(`${service.url}/docs/swagger-ui-bundle.js`)).status).toBe(200);
    const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as object;
    expect(document).toHaveProperty(['paths', '/token']);
  });

  it('logs that it ends, and ends with 0', async () => {
    expect(await service.end('SIGINT')).toBe(0);
    const said = service.log.map(({ msg }) => msg).filter((msg) => msg !== 'request');
    expect(said.slice(-2)).toEqual(['SIGINT: finishing the requests in flight', 'Stopped']);
    expect(service.errors).toEqual([]);
    expect(service.lines.join('\n')).not.toContain(PASSWORD);
  });
});
