import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SECRET_KEY } from '../support/create-test-app.js';
import { startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

function run(program: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, SECRET_KEY, PORT: '0', DATABASE_URL: 'sqlite://' };
  const options = { cwd: folder.path, env, encoding: 'utf8', timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { status, stdout, stderr };
}

const STACK = /\bat .*\.[cm]?js/;

describe('What was built', () => {
  beforeEach(() => {
    for (const name of ['dist', 'templates', 'package.json', '.env.example']) {
      cpSync(resolve(name), folder.join(name), { recursive: true, preserveTimestamps: true });
    }
  });
  const linkModules = () => symlinkSync(resolve('node_modules'), folder.join('node_modules'));
  const main = () => run(folder.join('dist/main.js'));
  const list = () => run(folder.join('dist/cli/main.js'), 'user', 'list');

  it.each([
    ['is missing', () => rmSync(folder.join('dist/latchkey.cjs'))],
    ['is damaged', () => truncateSync(folder.join('dist/latchkey.cjs'), 100_000)],
  ])('says what to do where it %s', (what, harm) => {
    linkModules();
    harm();
    for (const { status, stdout, stderr } of [main(), list()]) {
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toBe(
        `${folder.join('dist/latchkey.cjs')} ${what}: make it with npm run build\n`,
      );
    }
  });

  it('says what to do where its dependencies are not installed', () => {
    for (const { status, stderr } of [main(), list()]) {
      expect(status).toBe(1);
      expect(stderr).toMatch(/run `npm ci` with this Node/);
      expect(stderr).not.toMatch(STACK);
    }
  });

  it('works without the code cache, or with that of another Node', () => {
    linkModules();
    writeFileSync(folder.join('dist/latchkey.cache'), 'of another Node');
    const refused = {
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/in memory/) as unknown,
    };
    expect(list()).toEqual(refused);
    rmSync(folder.join('dist/latchkey.cache'));
    expect(list()).toEqual(refused);
  });

  it('says that it is older than its sources, and runs', () => {
    linkModules();
    mkdirSync(folder.join('src'));
    writeFileSync(folder.join('src/main.ts'), '');
    const { status, stderr } = list();
    expect(status).toBe(1);
    expect(stderr).toMatch(/^dist is older than src, .* npm run build .*\n.*in memory.*\n$/);
    utimesSync(folder.join('src/main.ts'), 0, 0);
    expect(list().stderr).not.toContain('older');
  });
});

describe('A stack in the log', () => {
  it('names the source files', async () => {
    const service = await startService(folder);
    const database = await folder.database();
    await database.query('DROP TABLE attempt_counters', []);
    expect((await logIn(service.url)).status).toBeGreaterThanOrEqual(500);
    const frames = await until(
      () => JSON.stringify(service.log).match(/at [^"]*src\/[^"]*\.ts:\d+/g) ?? false,
    );
    expect(frames.join()).toMatch(/src\/database\/\w+\.ts:\d+/);
    await service.end();
  });
});

describe('The build', () => {
  const build = (...args: string[]) => run(folder.join('scripts/build.js'), ...args);

  it('runs where something changed, and says so in a line', () => {
    const parts = [
      'src',
      'scripts',
      'packages',
      'templates',
      'package.json',
      'package-lock.json',
      '.env.example',
      '.swcrc',
      'nest-cli.json',
      'tsconfig.json',
      'tsconfig.build.json',
    ];
    for (const name of parts) cpSync(resolve(name), folder.join(name), { recursive: true });
    symlinkSync(resolve('node_modules'), folder.join('node_modules'));
    const built = {
      status: 0,
      stdout: '',
      stderr: expect.stringMatching(/^Built dist in .* s\n$/) as unknown,
    };
    expect(build('--if-changed')).toEqual(built);
    expect(build('--if-changed')).toEqual({ status: 0, stdout: '', stderr: '' });
    appendFileSync(folder.join('src/main.ts'), '\n');
    expect(build('--if-changed')).toEqual(built);
    appendFileSync(folder.join('src/main.ts'), 'this is no TypeScript');
    const failed = build('--if-changed');
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('main.ts');
    // The previous build is still there, and runs.
    expect(run(folder.join('dist/cli/main.js'), '--help').status).toBe(0);
  });
});
