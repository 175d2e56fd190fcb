import { existsSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { checkLatchkeyFile, countRows } from './latchkey-file.js';
import { nameFile, replaceFile } from './put-in-place.js';
import type { Snapshot } from './snapshot.js';

export interface Backup {
  /** Bytes. */
  size: number;
  users: number;
}

/**
 * Writes a copy of the database, checks it, and only then gives it its name.
 * @param onCopied called with the number of pages still to copy
 * @throws Error if the file exists and may not be replaced, or the copy is damaged
 */
export async function backUp(
  source: Snapshot,
  file: string,
  mayReplace: boolean,
  onCopied: (pages: number) => void,
): Promise<Backup> {
  refuseTaken(source.path, file, mayReplace);
  const aside = temporaryNameOf(file);
  const copy = await source.copyTo(aside, onCopied);
  try {
    const users = checkCopy(copy, source);
    copy.close();
    const { size } = statSync(aside);
    if (mayReplace) replaceFile(aside, file);
    else nameFile(aside, file);
    return { size, users };
  } finally {
    copy.close();
    rmSync(aside, { force: true });
  }
}

/** A name in the same folder, so that the file can be renamed. */
export function temporaryNameOf(file: string): string {
  const path = resolve(file);
  return join(dirname(path), `.${basename(path)}.${process.pid}.part`);
}

function refuseTaken(source: string, file: string, mayReplace: boolean): void {
  if (existsSync(file) && realpathSync(file) === realpathSync(source)) {
    throw new Error(`${file} is the database itself`);
  }
  if (!mayReplace && existsSync(file)) {
    throw new Error(`${file} already exists: --force replaces it`);
  }
  if (!existsSync(dirname(resolve(file)))) throw new Error(`There is no folder for ${file}`);
}

/** @returns the number of users */
function checkCopy(copy: Parameters<typeof countRows>[0], source: Snapshot): number {
  checkLatchkeyFile(copy, 'The copy');
  const copied = countRows(copy);
  for (const [table, count] of source.countRows()) {
    if (copied.get(table) !== count) throw new Error(`The copy lacks rows of ${table}`);
  }
  return copied.get('users') ?? 0;
}
