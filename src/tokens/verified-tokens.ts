import { Injectable } from '@nestjs/common';
import type { AccessTokenClaims } from './check-claims.js';

/** How many verified tokens are kept: about 8 MB when full. */
const CAPACITY = 10_000;

/**
 * The tokens whose signature was found valid, by their exact text, with their claims. A signature that was valid
 * once is valid as long as its key is; what changes with time is checked at every use.
 */
@Injectable()
export class VerifiedTokens {
  private readonly claims = new Map<string, AccessTokenClaims>();

  get(token: string): AccessTokenClaims | undefined {
    return this.claims.get(token);
  }

  /** Keeps the claims, in place of the oldest ones when full. */
  add(token: string, claims: AccessTokenClaims): void {
    if (this.claims.size >= CAPACITY) this.claims.delete(this.claims.keys().next().value ?? '');
    this.claims.set(token, claims);
  }

  delete(token: string): void {
    this.claims.delete(token);
  }

  clear(): void {
    this.claims.clear();
  }
}
