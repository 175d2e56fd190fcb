import type { AccessTokenClaims } from '../tokens/access-token.claims.js';
import type { AccessTokenService } from '../tokens/access-token.service.js';
import { InvalidToken } from '../tokens/token-errors.js';

/** What an access token says; undefined for one that is not good, or any other text. */
export async function goodClaims(
  tokens: AccessTokenService,
  token: string,
): Promise<AccessTokenClaims | undefined> {
  try {
    return await tokens.verify(token);
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
}
