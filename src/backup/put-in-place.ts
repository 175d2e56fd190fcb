import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Flushes a file to disk before anything points at it. */
export function persist(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives a finished file its name, atomically replacing another one of that name. */
export function replaceFile(path: string, name: string): void {
  persist(path);
  renameSync(path, name);
  persist(dirname(name));
}

/** Gives a finished file an unused name. @throws Error if it is in use */
export function nameFile(path: string, name: string): void {
  persist(path);
  try {
    linkSync(path, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${name} already exists: --force replaces it`, { cause: error });
  }
  rmSync(path);
  persist(dirname(name));
}
