import { randomBytes } from 'node:crypto';

const COUNTS = 0x1_0000;

let count = 0;

/**
 * The id of a new entry: the time in 12 hexadecimal digits, a counter in 4, and 12 random ones. In the order of
 * the ids, entries are in the order of their times, and those of one process in the order in which they were made.
 * Not a sequence of the database: SQLite and PostgreSQL have none in common that is longer than 32 bits.
 * @param time milliseconds since the epoch
 */
export function entryId(time: number): string {
  count = (count + 1) % COUNTS;
  return firstIdAt(time) + count.toString(16).padStart(4, '0') + randomBytes(6).toString('hex');
}

/** The lower bound of all ids of this time or later. */
export function firstIdAt(time: number): string {
  return Math.max(0, time).toString(16).padStart(12, '0');
}
