import { isUtf8 } from 'node:buffer';
import { decodeFormText } from '../http/form-body.js';

export interface BasicCredentials {
  id: string;
  secret: string;
}

/** Scheme, spaces, and the rest: matches any header without backtracking. */
const AUTHORIZATION = /^([^ ]*) *(.*)$/s;

/**
 * The client in an `Authorization` header (RFC 7617, with the encoding of RFC 6749 §2.3.1). Strictly: what is not
 * canonical base64, UTF-8 or percent-encoding is refused, never repaired.
 * @returns undefined for another scheme, and for the empty client that Swagger UI sends; null for a header that is
 *   broken
 */
export function basicCredentials(header: string): BasicCredentials | null | undefined {
  const [, scheme = '', encoded = ''] = AUTHORIZATION.exec(header) ?? [];
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64') !== encoded || !isUtf8(bytes)) return null;
  const text = bytes.toString();
  const colon = text.indexOf(':');
  if (colon === -1) return null;
  const id = decodeFormText(text.slice(0, colon));
  const secret = decodeFormText(text.slice(colon + 1));
  if (id === undefined || secret === undefined) return null;
  return id === '' && secret === '' ? undefined : { id, secret };
}
