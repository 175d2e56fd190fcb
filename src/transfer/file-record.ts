import { isObject } from '../common/is-object.js';

/** One user of a file, before anything in it is checked; or why it can't be read. */
export type FileRecord =
  { line: number; value: Record<string, unknown> } | { line: number; problem: string };

export const FORMATS = ['ndjson', 'csv', 'json'] as const;
export type Format = (typeof FORMATS)[number];

/** The formats of an export. */
export const EXPORT_FORMATS = ['ndjson', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Where files come from. */
export const SOURCES = ['latchkey', 'django', 'supabase', 'keycloak'] as const;

/** The longest record of a file, in bytes. */
export const LONGEST_RECORD_BYTES = 1024 * 1024;

export const TOO_LONG = 'is longer than 1 MiB';
export const NOT_UTF8 = 'is not UTF-8';
export const NOT_JSON = 'is not a JSON object';

/** @returns the object that the bytes are, or what is wrong with them */
export function parseRecord(line: number, bytes: Buffer, isText: boolean): FileRecord {
  if (!isText) return { line, problem: NOT_UTF8 };
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch {
    return { line, problem: NOT_JSON };
  }
  return isObject(value) ? { line, value } : { line, problem: NOT_JSON };
}
