import { createHmac, hkdfSync, randomUUID } from 'node:crypto';
import { ISSUER, SECRET_KEY, type TestApp } from './create-test-app.js';

const ALGORITHMS = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

type Members = Record<string, unknown>;

interface Forgery {
  /** Merged into the header of a valid token; undefined removes a member. */
  header?: Members;
  /** Merged into its claims, or instead of them: anything but a plain object, or JSON as a string. */
  claims?: Members;
  payload?: string;
  key?: string | Buffer;
  hash?: keyof typeof ALGORITHMS;
}

/** The key id that latchkey derives from a key. */
export function keyId(key = SECRET_KEY): string {
  return Buffer.from(hkdfSync('sha256', key, '', 'latchkey kid', 12)).toString('base64url');
}

/** A token like latchkey's own except for the given changes: made by hand, so that it can be anything. */
export class TokenForge {
  constructor(
    private readonly app: TestApp,
    private readonly uid = '1',
  ) {}

  /** Seconds since the epoch by the clock of the app. */
  get now(): number {
    return this.app.clock.now() / 1000;
  }

  make({ header, claims, payload, key = SECRET_KEY, hash = 'HS256' }: Forgery = {}): string {
    const good = { sub: 'alex', uid: this.uid, iss: ISSUER, aud: ISSUER, jti: randomUUID() };
    const times = { iat: this.now, exp: this.now + 60 };
    const parts = [
      JSON.stringify({ typ: 'at+jwt', alg: 'HS256', kid: keyId(), ...header }),
      payload ?? JSON.stringify({ ...good, ...times, ...claims }),
    ];
    const signed = parts.map((part) => Buffer.from(part).toString('base64url')).join('.');
    const signature = createHmac(ALGORITHMS[hash], key).update(signed).digest('base64url');
    return `${signed}.${signature}`;
  }
}

export type Json = Record<string, unknown>;

/** Makes a JWT with any content, signed with HS256 under any key. */
export function forgeToken(header: unknown, payload: unknown, key: string): string {
  const signed = [header, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** The claims of a token, read without any check. */
export function readToken(token: string): { header: Json; payload: Json } {
  const [header, payload] = token
    .split('.')
    .slice(0, 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json);
  return { header: header!, payload: payload! };
}
