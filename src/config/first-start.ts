import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'dotenv';

/** A fresh random key for `SECRET_KEY`: 256 bits in hex, as the tutorial's `openssl rand -hex 32`. */
export function generateSecretKey(): string {
  return randomBytes(32).toString('hex');
}

/**
 * The first start outside production with no `SECRET_KEY` anywhere: makes `.env` from `.env.example`
 * with a fresh key, or appends the key to an existing `.env`.
 * @param example the `.env.example` to start from
 * @returns a sentence that says what was done; undefined if nothing was needed
 */
export function ensureSecretKey(example: URL, envFile = resolve('.env')): string | undefined {
  // Set but empty is not set: `.env` may still have it.
  if (process.env.SECRET_KEY === '') delete process.env.SECRET_KEY;
  if (process.env.SECRET_KEY !== undefined) return undefined;
  const existing = existsSync(envFile) ? readFileSync(envFile, 'utf8') : undefined;
  const fromFile = parse(existing ?? '');
  if (fromFile.SECRET_KEY) return undefined;
  if ((process.env.NODE_ENV ?? fromFile.NODE_ENV) === 'production') return undefined;
  const line = `SECRET_KEY=${generateSecretKey()}`;
  if (existing === undefined) return createEnvFile(example, envFile, line);
  return exclusively(`${envFile}.lock`, () => appendKey(envFile, line));
}

function appendKey(envFile: string, line: string): string | undefined {
  const existing = readFileSync(envFile, 'utf8');
  if (parse(existing).SECRET_KEY) return undefined;
  const separator = existing === '' || existing.endsWith('\n') ? '' : '\n';
  appendFileSync(envFile, `${separator}${line}\n`);
  return `Appended a fresh random SECRET_KEY to ${envFile}`;
}

/** Of two concurrent first starts one works at a time; the other then finds the key. */
function exclusively<T>(lock: string, work: () => T): T {
  for (let patience = 100; !makeFile(lock); patience--) {
    if (patience === 0) throw new Error(`Another first start left ${lock} behind: delete it`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  try {
    return work();
  } finally {
    rmSync(lock);
  }
}

/** @returns whether the file did not exist before */
function makeFile(path: string): boolean {
  try {
    writeFileSync(path, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Written to a temporary file and linked into place, so that of two concurrent first starts one key wins for both. */
function createEnvFile(example: URL, envFile: string, line: string): string | undefined {
  const aside = `${envFile}.${process.pid}`;
  const text = readFileSync(example, 'utf8').replace(/^SECRET_KEY=.*$/m, line);
  writeFileSync(aside, text, { mode: 0o600, flag: 'wx' });
  try {
    linkSync(aside, envFile);
    return `Made ${envFile} from .env.example with a fresh random SECRET_KEY`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}
