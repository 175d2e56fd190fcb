import { existsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD, SECRET_KEY } from '../support/create-test-app.js';
import { runCli, runService, startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const TUTORIAL_KEY = '11edc58a2784b9b5a6dd6deacc6d2f111ab4ab08a3ec06d9b66fd2e9b8830cb9';

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

describe('a start with a bad configuration', () => {
  const bad = {
    SECRET_KEY: 'much too short',
    SECRET_KEY_PREVIOUS: 'no longer either',
    ALGORITHM: 'none',
    KEY_PUBLISH_SECONDS: 'soon',
    ACCESS_TOKEN_EXPIRE_MINUTES: '0',
    REFRESH_TOKEN_EXPIRE_DAYS: '-1',
    SESSION_MAX_DAYS: '0',
    REFRESH_REUSE_SECONDS: '1h',
    DATABASE_URL: 'mysql://user:database-password@host/name',
    HOST: 'a b',
    PORT: 'http',
    ISSUER: 'here',
    AUDIENCE: 'there',
    CORS_ORIGINS: '*',
    TRUSTED_PROXIES: 'proxy',
    BCRYPT_COST: '4',
    LOG_LEVEL: 'loud',
    DOCS_ENABLED: 'maybe',
  };

  it('lists every problem by variable on one screen, and exits 78', async () => {
    const { status, stdout, stderr } = await runService(folder, bad);
    const lines = stderr.trimEnd().split('\n');
    expect(status).toBe(78);
    expect(lines.slice(1).map((line) => line.trim().split(':')[0])).toEqual(Object.keys(bad));
    expect(lines.length).toBeLessThan(24);
    expect(stdout).toBe('');
  });

  it('prints neither a stack nor a secret', async () => {
    const { stderr } = await runService(folder, bad);
    expect(stderr).not.toMatch(
      /much too short|no longer either|database-password|\bat .*\.js|node_modules/,
    );
  });

  it('creates nothing in the folder', async () => {
    await runService(folder, { ...bad, DATABASE_URL: undefined });
    expect(existsSync(folder.join('users.db'))).toBe(false);
  });

  it('stops the command line with the same list and status', async () => {
    const { status, stdout, stderr } = await runCli(folder, ['user', 'list'], bad);
    expect({ status, stdout }).toEqual({ status: 78, stdout: '' });
    expect(stderr).toContain(
      '  ALGORITHM: expected one of HS256, HS384, HS512, RS256, PS256, ES256\n',
    );
    expect(stderr).not.toMatch(/much too short|no longer either|database-password|\bat .*\.js/);
  });

  it('stops `password hash` over the one variable it reads', async () => {
    const finished = await runCli(folder, ['password', 'hash', '--password-stdin'], {
      ...bad,
      input: PASSWORD,
    });
    expect(finished).toEqual({
      status: 78,
      stdout: '',
      stderr:
        'The configuration has problems:\n  BCRYPT_COST: expected a whole number from 10 to 15\n',
    });
  });

  it.each(['SECRET_KEY', 'SECRET_KEY_PREVIOUS'])(
    'refuses a published key as %s in production, and takes it elsewhere',
    async (name) => {
      const changes = { [name]: TUTORIAL_KEY };
      const { status, stderr } = await runService(folder, { ...changes, NODE_ENV: 'production' });
      expect(status).toBe(78);
      expect(stderr).toContain(`${name}: expected a key of your own`);
      expect(stderr).not.toContain(TUTORIAL_KEY);
      const service = await startService(folder, { ...changes, NODE_ENV: 'development' });
      expect(await service.end()).toBe(0);
    },
  );

  it('says in one line that the address is taken, and exits 1', async () => {
    const service = await startService(folder);
    const { port } = new URL(service.url);
    const { status, stderr } = await runService(folder, { PORT: port });
    expect(status).toBe(1);
    expect(stderr).toBe(`listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
    await service.end();
  });
});

describe('where the configuration is read', () => {
  it("accepts the tutorial's own .env as it is", async () => {
    writeFileSync(
      folder.join('.env'),
      [
        `SECRET_KEY=${TUTORIAL_KEY}`,
        'ALGORITHM=HS256',
        'ACCESS_TOKEN_EXPIRE_MINUTES=30',
        "DATABASE_URL = 'sqlite:///tutorial.db'",
        '',
      ].join('\n'),
    );
    const service = await startService(folder, { SECRET_KEY: undefined });
    const created = await runCli(folder, ['user', 'create', 'alex', '--password-stdin'], {
      SECRET_KEY: undefined,
      input: PASSWORD,
    });
    expect(created.status).toBe(0);
    expect(await (await logIn(service.url)).json()).toMatchObject({ expires_in: 1800 });
    expect(existsSync(folder.join('tutorial.db'))).toBe(true);
    await service.end();
  });

  it('prefers the environment to .env', async () => {
    writeFileSync(folder.join('.env'), 'DOCS_ENABLED=false\nLOG_LEVEL=silent\n');
    const service = await startService(folder, { LOG_LEVEL: 'info' });
    expect((await fetch(`${service.url}/docs`)).status).toBe(404);
    expect((await fetch(`${service.url}/openapi.json`)).status).toBe(404);
    expect(service.log.length).toBeGreaterThan(0);
    await service.end();
  });

  it('takes a variable that is empty in the environment from .env', async () => {
    writeFileSync(folder.join('.env'), `SECRET_KEY=${SECRET_KEY}\nDOCS_ENABLED=false\n`);
    const service = await startService(folder, { SECRET_KEY: '', DOCS_ENABLED: '' });
    expect((await fetch(`${service.url}/docs`)).status).toBe(404);
    expect(await service.end()).toBe(0);
  });

  it('listens where HOST and PORT say', async () => {
    const service = await startService(folder, { HOST: '::1' });
    expect(service.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
    await service.end();
  });
});
