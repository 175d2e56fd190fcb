import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire, SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import type { runCommandLine } from './cli/run-command-line.js';
import type { start } from './server/start.js';

/** What the bundle has (scripts/bundle.js): each part is evaluated on first use. */
export interface Bundle {
  service: () => Promise<{ start: typeof start }>;
  commandLine: () => Promise<{ runCommandLine: typeof runCommandLine }>;
}

const OUTDATED =
  'dist is older than src, and runs as it is; npm run build makes it of what src has now\n';

/** Also its name in stacks: a path would be that of the folder where the cache was made. */
const NAME = 'latchkey.cjs';

/**
 * Compiles the bundle. V8's code cache of an earlier run (`latchkey.cache`) saves parsing the source again; a
 * cache of another Node is ignored.
 * @param folder where `latchkey.cjs` is
 * @throws Error that says what to do, if it is missing
 */
export function loadBundle(folder: URL): { bundle: Bundle; script: Script } {
  const url = new URL(NAME, folder);
  const filename = fileURLToPath(url);
  const source = read(url, 'latin1');
  if (source === undefined) throw new Error(`${filename} is missing: make it with npm run build`);
  const script = compile(source, filename, read(new URL('latchkey.cache', folder)));
  showSources(`${filename}.map`);
  if (isOlderThan(new URL('../src/', folder), folder)) process.stderr.write(OUTDATED);
  const module = { exports: {} };
  const run = script.runInThisContext() as (...args: unknown[]) => void;
  run(module.exports, createRequire(url), module, url.href);
  return { bundle: module.exports as Bundle, script };
}

function compile(source: string, filename: string, cachedData: Buffer | undefined): Script {
  try {
    return new Script(source, { filename: NAME, cachedData });
  } catch (cause) {
    throw new Error(`${filename} is damaged: make it with npm run build`, { cause });
  }
}

function read(url: URL): Buffer | undefined;
function read(url: URL, encoding: BufferEncoding): string | undefined;
function read(url: URL, encoding?: BufferEncoding): Buffer | string | undefined {
  try {
    return readFileSync(url, encoding);
  } catch {
    return undefined;
  }
}

/** Only in a checkout: an image or a package has no `src`. */
function isOlderThan(sources: URL, folder: URL): boolean {
  if (!existsSync(sources)) return false;
  const built = statSync(new URL('built-from', folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const files = readdirSync(sources, { recursive: true, withFileTypes: true });
  return files.some(
    (file) => file.isFile() && statSync(join(file.parentPath, file.name)).mtimeMs > built,
  );
}

/** Stacks name the source files. The source map is read for the first stack that is formatted. */
function showSources(mapFile: string): void {
  let map: SourceMap | undefined;
  const place = (found: string, line: string, column: string) => {
    map ??= readMap(mapFile);
    const origin = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (!origin || !('originalSource' in origin)) return found;
    return `${origin.originalSource}:${origin.originalLine + 1}`;
  };
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.map((frame) => {
      // eslint-disable-next-line @typescript-eslint/no-base-to-string -- V8's call sites have their own
      const [before, after] = frame.toString().split(`${NAME}:`);
      if (after === undefined) return `\n    at ${before}`;
      return `\n    at ${before}${after.replace(/^(\d+):(\d+)/, place)}`;
    });
    return `${String(error)}${lines.join('')}`;
  };
}

function readMap(path: string): SourceMap | undefined {
  const text = read(pathToFileURL(path), 'utf8');
  return text === undefined ? undefined : new SourceMap(JSON.parse(text) as SourceMapPayload);
}
