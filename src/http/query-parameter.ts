import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { NotTrueOrFalse, RepeatedParameter, UnknownParameter } from './invalid-parameter.js';

/** How much of an unknown name the answer repeats, in UTF-16 code units. */
const LONGEST_NAME = 64;

/** The query as it came. Express's own parser reads only the first thousand parameters, and has ideas of brackets. */
export const RawQuery = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const { url } = context.switchToHttp().getRequest<Request>();
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start));
});

/**
 * A parameter of the query.
 * @returns undefined where it is missing. Where it is repeated, or there as `name[]`, all of that as one text, which
 *   is no good value of anything
 */
export function queryParameter(query: URLSearchParams, name: string): string | undefined {
  const found = [...query].filter(([key]) => key === name || key.startsWith(`${name}[`));
  if (found.length === 1 && found[0]?.[0] === name) return found[0][1];
  return found.length === 0 ? undefined : found.map((pair) => pair.join('=')).join('&');
}

/**
 * All parameters of the query, of which only these are known.
 * @throws UnknownParameter
 * @throws RepeatedParameter
 */
export function queryParameters<Name extends string>(
  query: URLSearchParams,
  known: readonly Name[],
): Map<Name, string> {
  const found = new Map<Name, string>();
  for (const [key, value] of query) {
    const name = known.find((one) => one === key);
    if (name === undefined) throw new UnknownParameter(key.slice(0, LONGEST_NAME));
    if (found.has(name)) throw new RepeatedParameter(name);
    found.set(name, value);
  }
  return found;
}

/** @throws NotTrueOrFalse that names the parameter */
export function trueOrFalse(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new NotTrueOrFalse(name);
}
