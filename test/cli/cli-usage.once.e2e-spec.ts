import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PASSWORD } from '../support/create-test-app.js';
import { MODULES, runCli, runCliProcess } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

let folder: TemporaryFolder;
beforeAll(() => void (folder = new TemporaryFolder()));
afterAll(() => folder.remove());

const cli = (...args: string[]) => runCli(folder, args);
const withPassword = (input: string, ...args: string[]) =>
  runCli(folder, [...args, '--password-stdin'], { input });

const refused = (stderr: string) => ({ status: 1, stdout: '', stderr: `${stderr}\n` });

describe('a command line that is not right', () => {
  it.each([
    [[], /Usage: latchkey/],
    [['usr'], /unknown command 'usr'/],
    [['user'], /Usage: latchkey user/],
    [['user', 'grant', 'alex'], /missing required argument 'scope'/],
    [['user', 'create'], /missing required argument 'username'/],
    [['user', 'create', 'alex', 'a-password'], /too many arguments/],
    [['user', 'create', 'alex', '--password', 'a-password'], /unknown option '--password'/],
    [['user', 'create', 'alex', '--email'], /argument missing/],
    [['user', 'create', 'alex'], /^There is no terminal to ask on: use --password-stdin\n$/],
    [['user', 'set-password', 'alex'], /use --password-stdin/],
    [['password', 'hash'], /use --password-stdin/],
  ])('%j exits 2 and says what is wrong', async (args, sentence) => {
    const { status, stdout, stderr } = await cli(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/a-password|\bat .*\.js/);
  });

  it.each([[['--help']], [['user', 'create', '--help']], [['help', 'user']]])(
    '%j prints help, and exits 0',
    async (args) => {
      const { status, stdout } = await cli(...args);
      expect(status).toBe(0);
      expect(stdout).toContain('Usage: latchkey');
    },
  );

  it('loads nothing of the service for that, and so answers at once', async () => {
    const LIST_MODULES_TO = folder.join('modules');
    const NODE_OPTIONS = `--import=${resolve('test/support/list-modules.js')}`;
    await runCliProcess(folder, ['--help'], { NODE_OPTIONS, LIST_MODULES_TO }, MODULES.cli);
    const modules = readFileSync(LIST_MODULES_TO, 'utf8');
    expect(modules).toContain('/commander/');
    // What all of Nest depends on.
    expect(modules).not.toContain('/rxjs/');
  });

  it('refuses to make users in memory', async () => {
    const args = ['user', 'create', 'alex', '--password-stdin'];
    const { status, stderr } = await runCli(folder, args, {
      DATABASE_URL: 'sqlite://',
      input: PASSWORD,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^DATABASE_URL names a database in memory: .*\n$/);
  });
});

describe('password hash', () => {
  it('prints a hash that bcrypt knows, of the configured cost', async () => {
    const { status, stdout } = await withPassword(`${PASSWORD}\n`, 'password', 'hash');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\$2b\$10\$[./A-Za-z0-9]{53}\n$/);
    expect(await bcrypt.compare(PASSWORD, stdout.trim())).toBe(true);
  });

  it("prints passlib's bcrypt-sha256 from 73 bytes on", async () => {
    const { stdout } = await withPassword('p'.repeat(73), 'password', 'hash');
    expect(stdout).toMatch(/^\$bcrypt-sha256\$v=2,t=2b,r=10\$.{22}\$.{31}\n$/);
  });

  it('has the same rules as a user has', async () => {
    expect(await withPassword('short', 'password', 'hash')).toEqual(
      refused('password: must have at least 8 characters'),
    );
    expect(await withPassword('password', 'password', 'hash')).toEqual(
      refused('password: is one of the most common passwords'),
    );
  });
});

describe('secret generate', () => {
  it('prints 32 random bytes in hex, others each time', async () => {
    const [first, second] = [await cli('secret', 'generate'), await cli('secret', 'generate')];
    expect(first.stdout).toMatch(/^[0-9a-f]{64}\n$/);
    expect(second.stdout).not.toBe(first.stdout);
  });

  it('needs no configuration', async () => {
    const { status } = await runCli(folder, ['secret', 'generate'], { PORT: 'http' });
    expect(status).toBe(0);
  });
});
