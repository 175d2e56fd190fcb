import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';

/**
 * Gives the answer an ETag, and sends none where the client has it already (RFC 9110 §13.1.2).
 * @returns the body, or undefined with the status 304
 */
export function unlessKnown<Body extends object>(
  request: Request,
  response: Response,
  body: Body,
): Body | undefined {
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  const etag = `"${digest.slice(0, 22)}"`;
  response.setHeader('ETag', etag);
  if (!hasTag(request.headers['if-none-match'] ?? '', etag)) return body;
  response.status(304);
  return undefined;
}

function hasTag(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((item) => item.trim().replace(/^W\//, ''))
    .some((item) => item === etag || item === '*');
}
