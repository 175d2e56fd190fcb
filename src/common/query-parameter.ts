import type { Request } from 'express';

/**
 * A parameter of the query. Express's own parser reads only the first thousand, and has ideas of brackets.
 * @returns undefined where it is missing. Where it is there twice, or as `name[]`, all of that as one text, which is
 *   no good value of anything
 */
export function queryParameter({ url }: Request, name: string): string | undefined {
  const start = url.indexOf('?');
  if (start === -1) return undefined;
  const found = [...new URLSearchParams(url.slice(start))].filter(
    ([key]) => key === name || key.startsWith(`${name}[`),
  );
  if (found.length === 1 && found[0]?.[0] === name) return found[0][1];
  return found.length === 0 ? undefined : found.map((pair) => pair.join('=')).join('&');
}
