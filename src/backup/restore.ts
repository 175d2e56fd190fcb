import { existsSync, linkSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { COMPANIONS } from '../database/sqlite-file.js';
import { temporaryNameOf } from './backup.js';
import { type Ended, endTheForgotten, type Terms } from './end-after-restore.js';
import { HeldDatabase } from './held-database.js';
import { checkLatchkeyFile, checkNotNewer, countRows } from './latchkey-file.js';
import { replaceFile } from './put-in-place.js';
import type { Snapshot } from './snapshot.js';

export interface Restored extends Ended {
  users: number;
  /** The new name of the previous database. */
  kept: string | undefined;
}

export interface RestoreTerms extends Terms {
  /** What messages call the backup. */
  name: string;
  mayReplace: boolean;
}

/**
 * Puts a copy of a backup in place of the database, once it is checked and the sessions in it are ended. The
 * previous database is kept next to it.
 * @param onCopied called with the number of pages still to copy
 * @throws DatabaseInUse
 * @throws Error if there is a database that may not be replaced, or the backup is unusable
 */
export async function restore(
  backup: Snapshot,
  database: string,
  terms: RestoreTerms,
  onCopied: (pages: number) => void,
): Promise<Restored> {
  const target = existsSync(database) ? realpathSync(database) : database;
  const held = HeldDatabase.take(target);
  const aside = temporaryNameOf(target);
  let copy: SqliteHandle | undefined;
  try {
    refuseTaken(target, terms.mayReplace);
    copy = await backup.copyTo(aside, onCopied);
    checkLatchkeyFile(copy, terms.name);
    checkNotNewer(copy, terms.name);
    const ended = endTheForgotten(copy, terms);
    const users = countRows(copy).get('users') ?? 0;
    copy.close();
    held.settle();
    return { ...ended, users, kept: swap(aside, target, terms.now) };
  } finally {
    copy?.close();
    held.release();
    rmSync(aside, { force: true });
  }
}

function refuseTaken(target: string, mayReplace: boolean): void {
  if (mayReplace || !existsSync(target) || statSync(target).size === 0) return;
  throw new Error(`${target} already exists: --force renames it, and takes its place`);
}

/**
 * There is a database at every moment: a service that starts just then would create an empty one. Side files that
 * are left move along with the old one; they would be applied to the new one, and corrupt it.
 * @returns the new name of the old one
 */
function swap(aside: string, target: string, now: number): string | undefined {
  const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const kept = `${target}.before-${stamp}`;
  const wasThere = existsSync(target);
  if (wasThere) linkSync(target, kept);
  for (const suffix of COMPANIONS) {
    if (existsSync(target + suffix)) renameSync(target + suffix, kept + suffix);
  }
  replaceFile(aside, target);
  return wasThere ? kept : undefined;
}
