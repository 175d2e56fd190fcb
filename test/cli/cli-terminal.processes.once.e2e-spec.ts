import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, startCliInTerminal } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

/** util-linux's `script` gives a child process a terminal. */
const version = String(spawnSync('script', ['--version']).stdout);
if (!version.includes('util-linux'))
  throw new Error('Install script (Debian: bsdutils) to run these tests');

/** Types each answer when its question is asked. @returns the exit status, and all that the terminal showed */
async function converse(folder: TemporaryFolder, args: string[], dialogue: [string, string][]) {
  const child = await startCliInTerminal(folder, args);
  let screen = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text));
  const closed = once(child, 'close');
  for (const [question, answer] of dialogue) {
    await until(() => screen.includes(question));
    child.stdin.write(answer);
  }
  const [status] = (await closed) as [number];
  return { status, screen };
}

describe('a password asked for in a terminal', () => {
  let folder: TemporaryFolder;
  beforeEach(() => void (folder = new TemporaryFolder()));
  afterEach(() => folder.remove());

  it('is asked for twice and not shown', async () => {
    const { status, screen } = await converse(
      folder,
      ['user', 'create', 'alex'],
      [
        ['Password:', `${PASSWORD}\r`],
        ['Confirm password:', `${PASSWORD}\r`],
      ],
    );
    expect(status).toBe(0);
    expect(screen).toContain('Created the user alex');
    expect(screen).not.toContain(PASSWORD);
    expect(screen).not.toContain('*');
  });

  it('must be the same both times', async () => {
    const { status, screen } = await converse(
      folder,
      ['user', 'create', 'alex'],
      [
        ['Password:', `${PASSWORD}\r`],
        ['Confirm password:', 'another password\r'],
      ],
    );
    expect(status).toBe(1);
    expect(screen).toContain('The two passwords are not the same');
    expect((await runCli(folder, ['user', 'list', '--json'])).stdout).toBe('[]\n');
  });

  it('can be cancelled with Ctrl-C', async () => {
    const { status, screen } = await converse(
      folder,
      ['user', 'create', 'alex'],
      [['Password:', '\u0003']],
    );
    expect(status).toBe(1);
    expect(screen).toContain('Nothing was changed');
  });

  it('is what `password hash` hashes', async () => {
    const { screen } = await converse(
      folder,
      ['password', 'hash'],
      [
        ['Password:', `${PASSWORD}\r`],
        ['Confirm password:', `${PASSWORD}\r`],
      ],
    );
    const [hash = ''] = /\$2b\$10\$[./A-Za-z0-9]{53}/.exec(screen) ?? [];
    expect(await bcrypt.compare(PASSWORD, hash)).toBe(true);
  });
});
