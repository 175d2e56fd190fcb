import { isUtf8 } from 'node:buffer';
import type { UserOrder } from '../users/user-pages.service.js';
import { parseUserId } from './user-id.js';
import { InvalidCursor } from './user-search-errors.js';

/** Where a page ends: the order of the list, and the last user's value in it. */
export function writeCursor(order: UserOrder, place: string | number | null): string {
  return Buffer.from(`${order}:${place}`).toString('base64url');
}

/**
 * @param prefix that all values in the list have
 * @returns the value after which the next page begins
 * @throws InvalidCursor for what is not the cursor of a list in this order
 */
export function readCursor(order: UserOrder, prefix: string, cursor: string): string | number {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.toString();
  const place = text.slice(order.length + 1);
  const value = order === 'id' ? parseUserId(place) : place;
  const isInOrder = text.startsWith(`${order}:${prefix}`);
  const isOurs = isUtf8(bytes) && bytes.toString('base64url') === cursor;
  // PostgreSQL takes no NUL.
  if (!isOurs || !isInOrder || !value || place.includes('\0')) {
    throw new InvalidCursor();
  }
  return value;
}
