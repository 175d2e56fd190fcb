/**
 * Builds what runs: the modules in `build`, for the TypeORM CLI and the tests, and from them the bundle in `dist`.
 * Usage: node scripts/build.js [--if-changed]
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
process.chdir(ROOT);

/** The inputs of the build. */
const SOURCES = [
  'src',
  'scripts',
  'nest-cli.json',
  'tsconfig.json',
  'tsconfig.build.json',
  '.swcrc',
  'package-lock.json',
];

/** A stamp of the build's inputs. Only a finished build has it. */
const STAMP = 'dist/built-from';

const sources = fingerprint();
const isFresh = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources;
if (!isFresh || !process.argv.includes('--if-changed')) await make();
else touchStamp();

async function make() {
  const begin = performance.now();
  const aside = `dist.${process.pid}`;
  process.on('exit', () => rmSync(aside, { recursive: true, force: true }));
  await run('node_modules/@nestjs/cli/bin/nest.js', 'build');
  const { bundle } = await import('./bundle.js');
  await bundle(resolve('build'), resolve(aside));
  writeFileSync(join(aside, 'built-from'), sources);
  await run('scripts/write-cache.js', aside);
  rmSync('dist', { recursive: true, force: true });
  renameSync(aside, 'dist');
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stderr.write(`Built dist in ${seconds} s\n`);
}

/** A checkout gives files new times, which the service compares. A user who may only run it can't touch the stamp. */
function touchStamp() {
  try {
    utimesSync(STAMP, new Date(), new Date());
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error;
  }
}

/** Node's version too: V8's code cache only works for its own. */
function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  for (const path of SOURCES.flatMap(filesIn))
    hash.update(`\0${path}\0`).update(readFileSync(path));
  return hash.digest('hex');
}

function filesIn(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const found = readdirSync(path, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The output of a tool is shown if it fails. */
async function run(program, ...args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  if (status === 0) return;
  process.stderr.write(`${output}\nThe build failed: ${program}\n`);
  process.exit(1);
}
