import { once } from 'node:events';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { terminal } from './terminal.js';

/** Writes a file that only its owner may read, completely or not at all. @throws Error if it already exists */
export async function writeToNewFile(path: string, pieces: AsyncIterable<string>): Promise<void> {
  const handle = await create(path);
  try {
    for await (const piece of pieces) await handle.appendFile(piece);
    await handle.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/** Writes to standard output, no faster than it is read. */
export async function writeToOutput(pieces: AsyncIterable<string>): Promise<void> {
  const { stdout } = terminal();
  for await (const piece of pieces) {
    if (!stdout.write(piece)) await once(stdout, 'drain');
  }
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new Error(`${path} already exists`, { cause: error });
  }
}
