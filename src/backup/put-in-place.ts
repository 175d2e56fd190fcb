import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Has the disk keep a file's content before anything points at it. */
export function persist(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives a finished file its name; another one of that name is replaced in the same moment. */
export function replaceFile(path: string, name: string): void {
  persist(path);
  renameSync(path, name);
  persist(dirname(name));
}

/** Gives a finished file a name that is free. @throws Error if it isn't */
export function nameFile(path: string, name: string): void {
  persist(path);
  try {
    linkSync(path, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${name} is there already: --force replaces it`, { cause: error });
  }
  rmSync(path);
  persist(dirname(name));
}
