import type { Request } from 'express';

/** The path as it was asked for, without the query. */
export function requestPath({ originalUrl }: Request): string {
  const end = originalUrl.indexOf('?');
  return end === -1 ? originalUrl : originalUrl.slice(0, end);
}
