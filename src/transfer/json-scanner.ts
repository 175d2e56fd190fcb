import { LONGEST_RECORD_BYTES, TOO_LONG } from './file-record.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);
const ARRAY = 0x5b;
const BETWEEN = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c]);

const NOT_JSON = 'is not JSON';

/** Finds the objects of one array in the bytes of a JSON document, by its brackets and quotes; parses none of it. */
export class JsonScanner {
  line = 1;
  problem: string | undefined;

  private depth = 0;
  private inString = false;
  private isEscaped = false;
  /** The last string at the depth of member names, as far as it could be the one looked for. */
  private name = '';
  /** Are we between the brackets of the array, and have we been? */
  private isInside = false;
  private wasInside = false;
  private startLine = 0;
  private pieces: Buffer[] | undefined;
  private size = 0;
  private readonly arrayDepth: number;

  constructor(private readonly member: string | undefined) {
    this.arrayDepth = member === undefined ? 1 : 2;
  }

  *scan(chunk: Buffer): Generator<{ line: number; bytes: Buffer }> {
    let from = 0;
    for (let i = 0; i < chunk.length && this.problem === undefined; i++) {
      const byte = chunk[i] ?? 0;
      if (byte === NEWLINE) this.line++;
      if (this.inString) {
        this.readString(byte);
      } else if (byte === QUOTE) {
        this.beginString();
      } else if (OPENING.has(byte)) {
        if (this.open(byte)) from = i;
      } else if (CLOSING.has(byte)) {
        if (!this.close()) continue;
        this.keep(chunk.subarray(from, i + 1));
        yield this.take();
      } else {
        this.check(byte);
      }
    }
    if (this.pieces && this.problem === undefined) this.keep(chunk.subarray(from));
  }

  /** @returns what is wrong with a document that ends here */
  problemAtEnd(): string | undefined {
    if (this.depth > 0 || this.inString) return 'is where the file is cut off';
    return this.wasInside ? undefined : `has no array ${this.member ?? 'of users'}`;
  }

  private readString(byte: number): void {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) this.inString = false;
    if (this.inString && this.depth === 1 && this.name.length <= (this.member?.length ?? 0)) {
      this.name += String.fromCharCode(byte);
    }
  }

  private beginString(): void {
    this.inString = true;
    if (this.depth === 1) this.name = '';
    if (this.isInside && !this.pieces) this.problem = NOT_JSON;
  }

  /** @returns whether a record begins here */
  private open(byte: number): boolean {
    const isMember = this.member === undefined || this.name === this.member;
    this.depth++;
    if (this.isInside) {
      if (this.pieces) return false;
      if (byte === ARRAY) this.problem = NOT_JSON;
      this.pieces = [];
      this.startLine = this.line;
      return true;
    }
    if (this.depth === this.arrayDepth && byte === ARRAY && isMember && !this.wasInside) {
      this.isInside = true;
      this.wasInside = true;
    }
    return false;
  }

  /** @returns whether a record ends here */
  private close(): boolean {
    this.depth--;
    if (this.depth < 0) this.problem = NOT_JSON;
    if (this.isInside && this.depth < this.arrayDepth) this.isInside = false;
    return this.pieces !== undefined && this.depth === this.arrayDepth;
  }

  /** Between records there is nothing but commas; the rest of the document is skipped. */
  private check(byte: number): void {
    const isOutside = this.depth === 0 || (this.isInside && !this.pieces);
    if (isOutside && !BETWEEN.has(byte)) this.problem = NOT_JSON;
  }

  private keep(piece: Buffer): void {
    this.size += piece.length;
    if (this.size > LONGEST_RECORD_BYTES) this.problem = TOO_LONG;
    else this.pieces?.push(piece);
  }

  private take(): { line: number; bytes: Buffer } {
    const record = { line: this.startLine, bytes: Buffer.concat(this.pieces ?? []) };
    this.pieces = undefined;
    this.size = 0;
    return record;
  }
}
