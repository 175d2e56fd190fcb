import { KeyRing } from '../../src/tokens/key-ring.js';
import { KeysService, type ListedKey } from '../../src/tokens/keys.service.js';
import type { TestApp } from './create-test-app.js';
import { readToken } from './forge-token.js';
import { until } from './until.js';

export const PAIR_ALGORITHMS = ['RS256', 'PS256', 'ES256'] as const;
export const SECRET_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;

export type Jwk = Record<string, string>;

/** The public keys that a service publishes. */
export async function publishedKeys(url: string): Promise<Jwk[]> {
  const response = await fetch(`${url}/.well-known/jwks.json`);
  return ((await response.json()) as { keys: Jwk[] }).keys;
}

export async function publishedKids(url: string): Promise<string[]> {
  return (await publishedKeys(url)).map(({ kid }) => kid!);
}

/** Which key signed it. */
export function kidOf(token: string): string {
  return String(readToken(token).header.kid);
}

/** The service's own keys, as another instance or the command line has them. */
export function keysOf({ app }: TestApp): KeysService {
  return app.get(KeysService);
}

/** The private key that signs now. */
export function signKeyOf({ app }: TestApp) {
  return app.get(KeyRing).signer.signKey;
}

/** Makes the next key, and waits until the service has seen it. */
export async function rotate(app: TestApp): Promise<ListedKey> {
  const key = await keysOf(app).rotate();
  await until(async () => (await publishedKids(app.url)).includes(key.kid));
  return key;
}
