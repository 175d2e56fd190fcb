import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/run-command-line.js';
import { SECRET_KEY } from './create-test-app.js';
import type { TemporaryFolder } from './temporary-folder.js';
import { kind } from './test-database.js';

type Environment = Record<string, string | undefined>;

const MAIN = resolve('dist/main.js');
const CLI = resolve('dist/cli/main.js');
/** The same, with each module in its own file: for tests that check which are loaded. */
export const MODULES = { main: resolve('build/main.js'), cli: resolve('build/cli/main.js') };
const WRITER = resolve('test/support/endless-writer.js');
const TYPEORM = resolve('node_modules/typeorm/cli.js');

/** A configuration for the built programs; undefined values are not set. */
function environmentOf(changes: Environment): NodeJS.ProcessEnv {
  const defaults = { NODE_ENV: 'test', SECRET_KEY, PORT: '0', BCRYPT_COST: '10' };
  return { PATH: process.env.PATH, ...defaults, ...changes };
}

/** Where a program runs, and with which configuration: on the folder's database, unless a test names another. */
async function placeIn(folder: TemporaryFolder, changes: Environment = {}) {
  // SQLite's file is the default, as for a user who tries it out.
  const isNamed = kind() === 'SQLite' || 'DATABASE_URL' in changes;
  const database = isNamed ? {} : { DATABASE_URL: (await folder.database()).url };
  return { cwd: folder.path, env: environmentOf({ ...database, ...changes }) };
}

/** The built service as an operator runs it: a process of its own, in a folder of its own. */
export class ServiceProcess {
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  url = '';

  constructor(readonly child: ChildProcess) {}

  /** The log, one parsed object per line. */
  get log(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Sends the signal and waits for the end. @returns the exit status */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}

/** Begins to start the built service. */
export async function spawnService(
  folder: TemporaryFolder,
  changes: Environment = {},
  stdout: number | 'pipe' = 'pipe',
  stderr: number | 'pipe' = 'pipe',
  program = MAIN,
): Promise<ChildProcessWithoutNullStreams> {
  const options = await placeIn(folder, changes);
  const child = spawn(process.execPath, [program], { ...options, stdio: ['pipe', stdout, stderr] });
  return child as ChildProcessWithoutNullStreams;
}

/** Starts the built service. @throws Error with what it printed if it ends instead of listening */
export async function startService(
  folder: TemporaryFolder,
  changes: Environment = {},
  program = MAIN,
): Promise<ServiceProcess> {
  const child = await spawnService(folder, changes, 'pipe', 'pipe', program);
  const service = new ServiceProcess(child);
  createInterface(child.stderr).on('line', (line) => service.errors.push(line));
  const lines = createInterface(child.stdout);
  await new Promise<void>((listening, reject) => {
    child.once('exit', (code) => reject(new Error(`Exit ${code}: ${service.errors.join('\n')}`)));
    lines.on('line', (line) => {
      service.lines.push(line);
      const address = /Listening on (http:\S+?)"/.exec(line)?.[1];
      if (!address) return;
      service.url = address;
      listening();
    });
  });
  return service;
}

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the service to its end, for starts that are meant to fail. */
export async function runService(
  folder: TemporaryFolder,
  changes: Environment = {},
): Promise<Finished> {
  return run([MAIN], await placeIn(folder, changes));
}

/** Runs one command of the command line to its end, as a process of its own. */
export async function runCliProcess(
  folder: TemporaryFolder,
  args: string[],
  { input = '', ...changes }: Environment = {},
  program = CLI,
): Promise<Finished> {
  return run([program, ...args], await placeIn(folder, changes), input);
}

/** Runs one command of the command line in this process: a tenth of the time. */
export function runCli(
  folder: TemporaryFolder,
  args: string[],
  { input = '', ...changes }: Environment = {},
): Promise<Finished> {
  return inTurn(async () => {
    const stdout = new Collector();
    const stderr = new Collector();
    const terminal = { stdin: Readable.from([Buffer.from(input)]), stdout, stderr };
    const place = await placeIn(folder, changes);
    const status = await within(place, () => runCommandLine(args, terminal));
    return { status, stdout: stdout.text, stderr: stderr.text };
  });
}

/** The folder and the environment are global to the process: one command at a time. */
let turn = Promise.resolve<unknown>(undefined);
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = turn.then(work);
  turn = done.catch(() => undefined);
  return done;
}

async function within<T>(
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
  work: () => Promise<T>,
): Promise<T> {
  const before = { cwd: process.cwd(), env: process.env, umask: process.umask(0o077) };
  process.chdir(cwd);
  process.env = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  try {
    return await work();
  } finally {
    process.chdir(before.cwd);
    process.env = before.env;
    process.umask(before.umask);
  }
}

class Collector extends Writable {
  private readonly chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }
}

/** Starts one command of the command line, for tests that handle its pipes themselves. */
export async function startCli(folder: TemporaryFolder, args: string[]) {
  return spawn(process.execPath, [CLI, ...args], await placeIn(folder));
}

/** Starts the program that writes until it is killed. */
export async function startEndlessWriter(folder: TemporaryFolder) {
  return spawn(process.execPath, [WRITER], await placeIn(folder));
}

/** Starts one command of the command line in a terminal of its own, which util-linux's `script` makes. */
export async function startCliInTerminal(folder: TemporaryFolder, args: string[]) {
  const command = [process.execPath, CLI, ...args].map((word) => `'${word}'`).join(' ');
  const place = await placeIn(folder, { TERM: 'xterm' });
  return spawn('script', ['-qec', command, '/dev/null'], place);
}

/** Runs the command of `npm run migration:<name>`, without the build. */
export function runMigrationScript(
  name: 'generate' | 'run' | 'revert' | 'show',
  changes: Environment,
  args: string[] = [],
): Promise<Finished> {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    scripts: Record<string, string>;
  };
  const [, command = ''] = scripts[`migration:${name}`]!.split('&& typeorm ');
  const place = { cwd: resolve('.'), env: environmentOf(changes) };
  return run([TYPEORM, ...command.split(' '), ...args], place);
}

/** Does the database match the entities? */
export async function generatesNoMigration(changes: Environment): Promise<boolean> {
  const { status, stdout } = await runMigrationScript('generate', changes, ['--check', 'unused']);
  if (status !== 0) process.stderr.write(stdout);
  return status === 0;
}

async function run(
  argv: string[],
  place: { cwd: string; env: NodeJS.ProcessEnv },
  input = '',
): Promise<Finished> {
  const child = spawn(process.execPath, argv, place);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A command that reads nothing may have ended before its input is written.
  child.stdin.on('error', () => undefined).end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...output };
}
