import { expect } from '@jest/globals';

/** Internals of the service: a stack, a path, a statement, a hash, a parser's message. */
const INSIDE =
  /\bat \S+ \(|node:|node_modules|\.[jt]s:\d|file:\/\/|\/src\/|\/dist\/|latchkey-test|\.db\b|\bSELECT\b|\bsqlite|QueryFailed|TypeError|SyntaxError|RangeError|JSON at position|\$2[aby]\$|<html|<!DOCTYPE/i;

export interface Answer {
  status: number;
  text: string;
}

/**
 * Checks that a response refuses or serves, and no more: no 5xx but a 503 that says when to try again, and
 * no internals of the service.
 */
export function expectHarmless({ status, text }: Answer): void {
  expect({ status, isServerError: status >= 500 && status !== 503, text }).toMatchObject({
    isServerError: false,
  });
  expect(text).not.toMatch(INSIDE);
}

/** Sends the request, checks that the answer is harmless. */
export async function send(url: string, options: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000), ...options });
  const answer = { status: response.status, text: await response.text() };
  expectHarmless(answer);
  return answer;
}

/** The answers on a raw connection, in order; anything between them counts towards the one before. */
export function answersOf(raw: string): Answer[] {
  return raw
    .split(/(?=HTTP\/1\.1 \d{3} )/)
    .filter((text) => text !== '')
    .map((text) => ({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1]), text }));
}
