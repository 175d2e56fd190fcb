import type { Request } from 'express';

/** The path as it was asked for, without the query. */
export function requestPath(request: Request): string {
  const url = request.originalUrl;
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
