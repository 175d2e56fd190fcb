import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { CsvError, Info } from 'csv-parse';
import { type FileRecord, LONGEST_RECORD_BYTES, TOO_LONG } from './file-record.js';

/** The columns of a source. */
export interface Columns {
  required: readonly string[];
  /** If they are listed, there may be no others. */
  known?: readonly string[];
}

interface Row {
  info: Info;
  record: string[];
}

/** Text is decoded before it is parsed, so the line is known only approximately. */
const FOLLOWED_BY_NO_UTF8 = 'is followed by invalid UTF-8';

class NotUtf8 extends Error {}

const PROBLEMS: Readonly<Record<string, string>> = {
  CSV_MAX_RECORD_SIZE: TOO_LONG,
  CSV_QUOTE_NOT_CLOSED: 'has a quote that is not closed',
  CSV_INVALID_CLOSING_QUOTE: 'has a quote in the middle of a cell',
  INVALID_OPENING_QUOTE: 'has a quote in the middle of a cell',
};

/** Reads comma-separated values with a header (RFC 4180). An empty cell is a missing value. */
export async function* readCsv(
  chunks: AsyncIterable<Buffer>,
  columns: Columns,
): AsyncGenerator<FileRecord> {
  const { parse } = await import('csv-parse');
  const parser = parse({
    info: true,
    max_record_size: LONGEST_RECORD_BYTES,
    relax_column_count: true,
    skip_empty_lines: true,
  });
  let names: string[] | undefined;
  const reading = pipeline(Readable.from(textOf(chunks)), parser).catch(() => undefined);
  try {
    for await (const { info, record } of parser as AsyncIterable<Row>) {
      const line = info.lines - newlinesIn(record);
      const problem = names ? undefined : headerProblem(record, columns);
      if (problem !== undefined) {
        yield { line, problem };
        return;
      }
      if (names) yield recordOf(line, names, record);
      else names = record;
    }
    if (!names) yield { line: 1, problem: 'has no header' };
  } catch (error) {
    yield { line: parser.info.lines, problem: problemOf(error) };
  } finally {
    parser.destroy();
    await reading;
  }
}

async function* textOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decode = (chunk?: Buffer): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new NotUtf8();
    }
  };
  for await (const chunk of chunks) yield decode(chunk);
  yield decode();
}

/** @throws errors that are not the fault of the file */
function problemOf(error: unknown): string {
  if (error instanceof NotUtf8) return FOLLOWED_BY_NO_UTF8;
  const problem = PROBLEMS[(error as Partial<CsvError>).code ?? ''];
  if (problem === undefined) throw error;
  return problem;
}

function headerProblem(names: string[], { required, known }: Columns): string | undefined {
  const unknown = known && names.find((name) => !known.includes(name));
  if (unknown !== undefined) return `${unknown}: is not a known column`;
  const missing = required.find((name) => !names.includes(name));
  if (missing !== undefined) return `${missing}: is required as a column`;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return twice === undefined ? undefined : `${twice}: is there twice`;
}

function recordOf(line: number, names: string[], cells: string[]): FileRecord {
  if (cells.length !== names.length) {
    return { line, problem: `has ${cells.length} cells, and the header ${names.length}` };
  }
  const entries = names.map((name, i) => [name, cells[i] ?? ''] as const);
  return { line, value: Object.fromEntries(entries.filter(([, cell]) => cell !== '')) };
}

/** A quoted cell may have lines of its own; a row is named by the first of them. */
function newlinesIn(cells: string[]): number {
  return cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 0);
}
