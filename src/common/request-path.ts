import type { Request } from 'express';

/** What stands before the path when a client sends the whole URL, as it may (RFC 9112 §3.2.2). */
const ORIGIN = /^https?:\/\/[^/?#]*/i;

/** The path as it was asked for, without the query. */
export function requestPath(request: Request): string {
  const url = request.originalUrl.replace(ORIGIN, '');
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
