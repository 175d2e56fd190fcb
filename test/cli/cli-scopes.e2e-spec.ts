import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminClient } from '../support/admin.js';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, type ServiceProcess, startCli, startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = new TemporaryFolder();
  await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], { input: PASSWORD });
});
afterAll(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, args);
const said = (stdout: string, stderr = '') => ({ status: 0, stdout: `${stdout}\n`, stderr });
const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });
const shown = async () => (await cli('user', 'show', 'alex')).stdout.trimEnd().split('\n').at(-1);

describe('user grant and user revoke', () => {
  let service: ServiceProcess;
  beforeAll(async () => void (service = await startService(folder)));
  afterAll(() => service.end());

  it('are seen by the service at once, and end no session', async () => {
    expect(await cli('user', 'grant', 'alex', 'users:read', 'users:write')).toEqual(
      said('Granted alex users:read users:write'),
    );
    expect(await shown()).toBe('scopes     users:read users:write');
    const admin = await AdminClient.logIn(service, 'alex');
    expect((await admin.send('GET', '/users')).status).toBe(200);
    expect(await cli('user', 'revoke', 'alex', 'users:read')).toEqual(
      said('Took users:read from alex'),
    );
    expect((await admin.send('GET', '/users')).status).toBe(403);
    expect((await admin.send('POST', '/invitations')).status).toBe(201);
  });

  it('may be repeated', async () => {
    await cli('user', 'grant', 'alex', 'users:write');
    expect(await cli('user', 'grant', 'alex', 'users:write', 'users:write')).toEqual(
      said('Granted alex users:write users:write'),
    );
    expect(await shown()).toBe('scopes     users:write');
  });

  it('say so when nobody is left who can manage users', async () => {
    const sentence = 'Nobody who can log in has users:write now\n';
    const took = said('Took users:write from alex', sentence);
    expect(await cli('user', 'revoke', 'alex', 'users:write')).toEqual(took);
    expect(await shown()).toBe('scopes     -');
  });

  it('leave scopes out of the JSON list', async () => {
    const { stdout } = await cli('user', 'list', '--json');
    const [alex] = JSON.parse(stdout) as object[];
    expect(Object.keys(alex!)).toEqual(['id', 'username', 'email', 'full_name', 'disabled']);
  });

  it.each([['a b'], [''], ['"'], ['ä'], ['x'.repeat(65)]])('refuse the scope %j', async (scope) => {
    const sentence = 'scopes.0: must be 1 to 64 ASCII characters without spaces, quotes and \\';
    expect(await cli('user', 'grant', 'alex', scope)).toEqual(refused(sentence));
  });

  it('refuse more than 32', async () => {
    const scopes = Array.from({ length: 33 }, (_, i) => `s${i}`);
    const sentence = 'scopes: must be at most 32 scopes';
    expect(await cli('user', 'grant', 'alex', ...scopes)).toEqual(refused(sentence));
  });
});

describe('user invite', () => {
  const WEEK = 7 * 86_400_000;
  const inAWeek = (time: string) => Math.abs(Date.parse(time) - Date.now() - WEEK) < 60_000;

  it('prints an invitation that is valid for a week', async () => {
    const { status, stdout } = await cli('user', 'invite');
    expect(status).toBe(0);
    const [, time] = /^invitation=[\w-]{43} expires_at=(\S+)\n$/.exec(stdout)!;
    expect(inAWeek(time!)).toBe(true);
  });

  it('prints it as JSON', async () => {
    const { stdout } = await cli('user', 'invite', '--json');
    const { invitation, expires_at, ...rest } = JSON.parse(stdout) as Record<string, string>;
    expect(invitation).toMatch(/^[\w-]{43}$/);
    expect(inAWeek(expires_at!)).toBe(true);
    expect(rest).toEqual({});
  });

  it('says what to do when it could not be printed', async () => {
    const child = await startCli(folder, ['user', 'invite']);
    child.stdout.destroy();
    const errors: string[] = [];
    child.stderr.on('data', (text) => errors.push(String(text)));
    expect(await once(child, 'close')).toEqual([1, null]);
    expect(errors.join('')).toBe(
      'The secret could not be printed: make another one with user invite\n',
    );
  });
});
