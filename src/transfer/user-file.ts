import { type FileHandle, open } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FileRecord, Format, SOURCES } from './file-record.js';
import { readCsv } from './read-csv.js';
import { readJson } from './read-json.js';
import { readNdjson } from './read-ndjson.js';
import type { Source } from './sources/source.js';
import { sources } from './sources/sources.js';

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.json': 'json',
};

/** How much of a file is read at a time, in bytes. */
const CHUNK_BYTES = 64 * 1024;

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** A file of users, which is read more than once and never as a whole. */
export class UserFile {
  private constructor(
    private readonly handle: FileHandle,
    /** Bytes. */
    readonly size: number,
    readonly source: Source,
    private readonly format: Format,
  ) {}

  /**
   * @param format if omitted, detected from the name, or else from the beginning
   * @throws Error in a plain sentence
   */
  static async open(
    path: string,
    from: (typeof SOURCES)[number],
    format?: Format,
  ): Promise<UserFile> {
    const source = sources[from];
    const handle = await open(path);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new Error(`${path} is not a file: it is read twice`);
      const found = format ?? EXTENSIONS[extname(path).toLowerCase()] ?? (await guess(handle));
      if (source.formats.includes(found)) return new UserFile(handle, stat.size, source, found);
      throw new Error(`From ${source.name} it has to be ${source.formats.join(' or ')}`);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Reads the file from its beginning. @param onRead called with the number of further bytes read */
  records(onRead: (bytes: number) => void): AsyncGenerator<FileRecord> {
    const chunks = this.chunks(onRead);
    switch (this.format) {
      case 'ndjson':
        return readNdjson(chunks);
      case 'csv':
        return readCsv(chunks, this.source.columns);
      case 'json':
        return readJson(chunks, this.source.member);
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async *chunks(onRead: (bytes: number) => void): AsyncGenerator<Buffer> {
    for (let position = 0; ;) {
      const { buffer, bytesRead } = await this.handle.read(
        Buffer.alloc(CHUNK_BYTES),
        0,
        CHUNK_BYTES,
        position,
      );
      if (bytesRead === 0) return;
      onRead(bytesRead);
      const isMarked = position === 0 && buffer.subarray(0, 3).equals(BYTE_ORDER_MARK);
      yield buffer.subarray(isMarked ? 3 : 0, bytesRead);
      position += bytesRead;
    }
  }
}

async function guess(handle: FileHandle): Promise<Format> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1024), 0, 1024, 0);
  const [first] = buffer
    .toString('utf8', 0, bytesRead)
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (first === '[') return 'json';
  return first === '{' ? 'ndjson' : 'csv';
}
