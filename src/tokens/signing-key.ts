import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretSettings, TokenSettings } from '../config/settings.js';

/**
 * The key that access tokens are signed with. A `KeyObject`, never a string: jsonwebtoken tries a string as
 * a public key first, which more than doubles the time of a verification.
 */
@Injectable()
export class SigningKey {
  readonly algorithm: 'HS256' | 'HS384' | 'HS512';
  readonly secret: KeyObject;
  /** Tells this key from others, and nothing about it (RFC 7638 §7 warns of plain thumbprints of secrets). */
  readonly id: string;

  constructor({ algorithm }: TokenSettings, { secretKey }: SecretSettings) {
    const bytes = Buffer.from(secretKey);
    this.algorithm = algorithm as 'HS256';
    this.secret = createSecretKey(bytes);
    this.id = Buffer.from(hkdfSync('sha256', bytes, '', 'latchkey kid', 12)).toString('base64url');
  }
}
