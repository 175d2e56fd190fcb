import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { basic, postForm } from '../support/oauth.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { openSession } from '../support/sessions.js';
import { eventsOf } from '../support/security-log.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

type Line = Record<string, unknown>;

let folder: TemporaryFolder;
let service: ServiceProcess;
let secret: string;
beforeAll(async () => {
  folder = new TemporaryFolder();
  service = await startService(folder, { LOG_LEVEL: 'trace' });
  await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], { input: PASSWORD });
  const { stdout } = await runCli(folder, ['client', 'create', 'api', '--json']);
  secret = (JSON.parse(stdout) as { client_secret: string }).client_secret;
});
afterAll(async () => {
  await service.end();
  await folder.remove();
});

describe('The security log', () => {
  it.each<[string, Record<string, string>, Line]>([
    ['a wrong secret', basic('api', 'wrong-secret'), { client_id: 'api', reason: 'mismatch' }],
    ['an unknown client', basic('no', 'x'), { client_id: 'no', reason: 'unknown_client' }],
    ['a broken header', { Authorization: 'Basic x' }, { reason: 'malformed' }],
    ['a secret without id', basic('', 'x'), { reason: 'no_client_id' }],
    ['no client', {}, { reason: 'not_authenticated' }],
    ['a label', basic('web', ''), { client_id: 'web', reason: 'not_authenticated' }],
  ])('records a client that is refused for %s', async (_, headers, fields) => {
    const events = await eventsOf(
      service,
      await postForm(service, '/introspect', { token: 'x' }, headers),
    );
    expect(events).toEqual([
      expect.objectContaining({ event: 'client_refused', ip: '127.0.0.1', ...fields }),
    ]);
  });

  it('makes a client’s name safe for a line', async () => {
    const headers = basic('a%00%1b[31m%E2%80%AE', 'x');
    const [event] = await eventsOf(
      service,
      await postForm(service, '/introspect', { token: 'x' }, headers),
    );
    expect(event).toMatchObject({ client_id: 'a\uFFFD\uFFFD[31m\uFFFD' });
  });

  it('records whose session was revoked, and by whom, once', async () => {
    const { refresh_token: token } = await openSession(service.url);
    const revoke = () => postForm(service, '/revoke', { token }, basic('api', secret));
    expect(await eventsOf(service, await revoke())).toEqual([
      expect.objectContaining({
        event: 'session_ended',
        username: 'alex',
        client_id: 'api',
        reason: 'revoked',
      }),
    ]);
    expect(await eventsOf(service, await revoke())).toEqual([]);
  });

  it('records nothing for a valid request', async () => {
    const ask = () => postForm(service, '/introspect', { token: 'x' }, basic('api', secret));
    expect(await eventsOf(service, await ask())).toEqual([]);
  });

  it('never has a secret or a token in it', async () => {
    const tokens = await openSession(service.url, {}, basic('api', secret));
    const headers = basic('api', secret);
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      await postForm(service, '/introspect', { token }, headers);
      await postForm(service, '/introspect', { token, client_id: 'api', client_secret: secret });
      await postForm(service, '/introspect', { token }, basic('api', `${secret}x`));
      await eventsOf(service, await postForm(service, '/revoke', { token }, headers));
    }
    const log = service.lines.join('\n');
    for (const text of [secret, 'wrong-secret', tokens.access_token, tokens.refresh_token]) {
      expect(log).not.toContain(text);
    }
    expect(log).not.toContain(basic('api', secret).Authorization!.slice(6));
  });
});
