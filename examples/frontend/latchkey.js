import { LATCHKEY } from './config.js';

/** latchkey refused; the message is its own, and meant to be shown. */
export class Refused extends Error {
  constructor(status, { detail, error, code, errors = [] }) {
    super(detail ?? `The service answered ${status}.`);
    this.status = status;
    /** A stable word: RFC 6749's `error`, or the `code` of problem details. */
    this.code = error ?? code;
    /** What is wrong with which field of the body: a list of `{ field, message }`. */
    this.errors = errors;
  }
}

/** latchkey did not answer, or is overloaded. That means nothing for passwords and tokens: try again later. */
export class Unavailable extends Error {}

/**
 * Sends a request to latchkey.
 * @param {RequestInit & { patience?: number }} options with `patience` in milliseconds
 * @returns the body of the answer; undefined where there is none
 * @throws Refused
 * @throws Unavailable
 */
export async function send(path, { patience = 10_000, ...options } = {}) {
  const { status, ok, body } = await exchange(path, {
    ...options,
    cache: 'no-store',
    credentials: 'omit',
    signal: AbortSignal.timeout(patience),
  });
  if (status >= 500) throw new Unavailable(body?.detail ?? `The service answered ${status}.`);
  if (!ok) throw new Refused(status, body ?? {});
  return body;
}

/** The options of a request with a JSON body; members that are undefined are left out. */
export function json(method, body) {
  return {
    method,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

async function exchange(path, options) {
  try {
    const response = await fetch(LATCHKEY + path, options);
    const text = await response.text();
    const body = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, ok: response.ok, body };
  } catch {
    // No network, no response in time, or one from a proxy in between.
    throw new Unavailable('The service cannot be reached.');
  }
}
