import type { Request } from 'express';

/** Node keeps the first of several `Authorization` headers, and tells of the others only here. */
export function countHeaders({ rawHeaders }: Request, name: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const header = rawHeaders[i];
    if (header?.length === name.length && header.toLowerCase() === name) count++;
  }
  return count;
}
