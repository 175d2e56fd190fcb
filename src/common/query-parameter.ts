import type { Request } from 'express';
import { InvalidParameter } from './invalid-parameter.js';

/** How much is told of a name that is not known. */
const LONGEST_NAME = 64;

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

/**
 * All parameters of the query, of which only these are known.
 * @throws InvalidParameter that names one that is not, or that is there twice
 */
export function queryParameters<Name extends string>(
  { url }: Request,
  known: readonly Name[],
): Map<Name, string> {
  const start = url.indexOf('?');
  const found = new Map<Name, string>();
  for (const [key, value] of new URLSearchParams(start === -1 ? '' : url.slice(start))) {
    const name = known.find((one) => one === key);
    if (name === undefined) {
      throw new InvalidParameter(key.slice(0, LONGEST_NAME), 'is not a parameter that there is');
    }
    if (found.has(name)) throw new InvalidParameter(name, 'must be there once');
    found.set(name, value);
  }
  return found;
}
