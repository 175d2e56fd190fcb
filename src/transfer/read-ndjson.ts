import { isUtf8 } from 'node:buffer';
import { type FileRecord, LONGEST_RECORD_BYTES, parseRecord, TOO_LONG } from './file-record.js';

const NEWLINE = 0x0a;

/** Reads one JSON object per line (github.com/ndjson/ndjson-spec). Blank lines are skipped. */
export async function* readNdjson(chunks: AsyncIterable<Buffer>): AsyncGenerator<FileRecord> {
  const line = new Line();
  for await (const chunk of chunks) {
    let from = 0;
    for (let to; (to = chunk.indexOf(NEWLINE, from)) !== -1; from = to + 1) {
      line.add(chunk.subarray(from, to));
      const record = line.end();
      if (record) yield record;
    }
    line.add(chunk.subarray(from));
  }
  const last = line.end();
  if (last) yield last;
}

/** What has been read of a line; no more of it is kept than a record may have. */
class Line {
  private number = 1;
  private size = 0;
  private pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.size += piece.length;
    if (this.size <= LONGEST_RECORD_BYTES) this.pieces.push(piece);
    else this.pieces = [];
  }

  end(): FileRecord | undefined {
    const { size, pieces } = this;
    const number = this.number++;
    this.size = 0;
    this.pieces = [];
    if (size > LONGEST_RECORD_BYTES) return { line: number, problem: TOO_LONG };
    const bytes = pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
    return isBlank(bytes) ? undefined : parseRecord(number, bytes, isUtf8(bytes));
  }
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}
