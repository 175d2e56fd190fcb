import { isObject } from '../../common/is-object.js';
import type { Format } from '../file-record.js';
import type { UserRecord } from '../imported-user.js';
import type { Columns } from '../read-csv.js';

/** Why a record of a file is not a user. */
export interface LeftOut {
  leftOut: string;
}

/** Where a file comes from, which determines its content. */
export interface Source {
  name: string;
  formats: readonly Format[];
  columns: Columns;
  /** The member of a JSON document that has the users; without it the document is the array. */
  member?: string;
  /** Converts the record to latchkey's own members. @param now milliseconds since the epoch */
  read: (record: Record<string, unknown>, now: number) => UserRecord | LeftOut;
}

/** An empty string in a source counts as missing. */
export function textIn(value: unknown): unknown {
  return value === '' ? undefined : value;
}

/** @returns an object, or the one that a string contains; an empty one for anything else */
export function objectIn(value: unknown): Record<string, unknown> {
  if (typeof value !== 'string') return isObject(value) ? value : {};
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : {};
  } catch {
    return {};
  }
}

/** Parts of a name, which may be missing, as one. */
export function fullNameOf(...parts: unknown[]): string | undefined {
  const name = parts
    .filter((part) => typeof part === 'string')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  return name.length === 0 ? undefined : name.join(' ');
}
