import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Where the tests run from: both folders as JavaScript, side by side as in the repository. */
export const COMPILED = join(ROOT, 'build-tests');

/** Temporary folders are there, if it is available: tests mostly wait for the disk. */
const IN_MEMORY = '/dev/shm';

/** A container has only 64 MB there by default. */
const ENOUGH = 2 ** 30;

const GLOBALS = 'node_modules/@jest/globals';

let compiled;

/** Jest's `globalSetup`: compiles what has changed, once for all projects of a run. */
export default function compile({ collectCoverage }) {
  if (process.env.TMPDIR === undefined && hasRoom(IN_MEMORY)) process.env.TMPDIR = IN_MEMORY;
  compiled ??= compileAll(collectCoverage);
  return compiled;
}

function hasRoom(folder) {
  if (!existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > ENOUGH;
}

async function compileAll(collectCoverage) {
  const isInstrumented = existsSync(join(COMPILED, 'instrumented'));
  if (isInstrumented !== collectCoverage) rmSync(COMPILED, { recursive: true, force: true });
  mkdirSync(COMPILED, { recursive: true });
  if (collectCoverage) writeFileSync(join(COMPILED, 'instrumented'), '');
  shadowGlobals();
  const instrument = collectCoverage ? await instrumenter() : (code) => code;
  const files = ['src', 'test'].flatMap((folder) => filesIn(join(ROOT, folder)));
  await Promise.all(files.map((file) => compileFile(file, instrument)));
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name));
}

async function compileFile(file, instrument) {
  const place = relative(ROOT, file);
  const target = join(COMPILED, place).replace(/\.ts$/, '.js');
  const { mtime } = statSync(file);
  if (statSync(target, { throwIfNoEntry: false })?.mtimeMs === mtime.getTime()) return;
  const source = readFileSync(file, 'utf8');
  const { code, map } = await transform(source, {
    filename: file,
    sourceMaps: true,
    swcrcRoots: ROOT,
  });
  const isOwn = place.startsWith('src/') && !place.endsWith('.spec.ts');
  const run = isOwn ? instrument(code, file, JSON.parse(map)) : code;
  const inline = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`;
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, run.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '') + inline);
  utimesSync(target, mtime, mtime);
}

/** Counts what runs, as Jest would: its report reads the counts from each file's results. */
async function instrumenter() {
  const { createInstrumenter } = await import('istanbul-lib-instrument');
  const instrumenter = createInstrumenter({
    esModules: true,
    produceSourceMap: false,
    compact: true,
  });
  return (code, file, map) => instrumenter.instrumentSync(code, file, map);
}

/** The tests' `@jest/globals`: that of the file that is running (runtime.cjs). */
function shadowGlobals() {
  const folder = join(COMPILED, GLOBALS);
  mkdirSync(folder, { recursive: true });
  const { type, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  writeFileSync(join(COMPILED, 'package.json'), JSON.stringify({ type, version }));
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "@jest/globals", "type": "module", "exports": "./index.js" }\n',
  );
  const names = [
    'afterAll',
    'afterEach',
    'beforeAll',
    'beforeEach',
    'describe',
    'expect',
    'it',
    'jest',
  ];
  const lines = names.map((name) => `export let ${name};`);
  const assign = names.map((name) => `${name} = globals.${name};`).join(' ');
  writeFileSync(
    join(folder, 'index.js'),
    `${lines.join('\n')}\nexport function use(globals) { ${assign} }\n`,
  );
}
