import express, { type Request, type Response } from 'express';

/** The largest body there is, in bytes. */
export const LARGEST_BODY_BYTES = 64 * 1024;

const read = express.raw({ type: () => true, limit: LARGEST_BODY_BYTES, inflate: false });

/**
 * The body as it came.
 * @throws body-parser's errors for a body that is too large, compressed, or cut short
 */
export function readRawBody(request: Request, response: Response): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    read(request, response, (error?: Error | 'route' | 'router') => {
      if (error instanceof Error) reject(error);
      else resolve(Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0));
    });
  });
}
