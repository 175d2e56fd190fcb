import { existsSync, linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Contents,
  copyDatabase,
  syncToDisk,
  temporaryName,
  verifyDatabase,
} from './database-file.js';
import { openSource } from './open-source.js';

export interface Backup extends Contents {
  /** Bytes. */
  size: number;
}

/**
 * Writes a copy of the database, that its owner alone may read, and that is whole and verified or not there.
 * @param source the database's file
 * @param isReplacing may the copy take the place of a file?
 * @throws Error in a plain sentence
 */
export async function backUp(source: string, file: string, isReplacing: boolean): Promise<Backup> {
  const target = resolve(file);
  if (existsSync(target)) {
    if (realpathSync(target) === realpathSync(source)) throw new Error(`${file} is the database`);
    if (!isReplacing) throw new Error(`${file} is there already: use --force to replace it`);
  }
  const part = temporaryName(target);
  try {
    const database = openSource(source);
    await copyDatabase(database, part).finally(() => database.close());
    const contents = verifyDatabase(part, 'The copy');
    syncToDisk(part);
    if (isReplacing) renameSync(part, target);
    else giveNewName(part, target);
    syncToDisk(target);
    return { ...contents, size: statSync(target).size };
  } finally {
    rmSync(part, { force: true });
  }
}

/** A rename would replace what has come there meanwhile. */
function giveNewName(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${to} is there already: use --force to replace it`, { cause: error });
  }
}
