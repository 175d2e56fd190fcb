import type { Request } from 'express';

/** Fires when the client has gone before it was answered. */
export function untilClosed({ res }: Request): AbortSignal {
  if (res?.closed) return AbortSignal.abort();
  const controller = new AbortController();
  res?.once('close', () => controller.abort());
  return controller.signal;
}
