import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretSettings } from '../config/settings.js';

/**
 * A key for each purpose, derived from `SECRET_KEY` (HKDF, RFC 5869), so that a leak of one says
 * nothing about the others.
 */
@Injectable()
export class PurposeKeys {
  constructor(private readonly settings: SecretSettings) {}

  /** @returns 256-bit keys: the one to work with, then the one of `SECRET_KEY_PREVIOUS`, if that is set */
  for(purpose: string): readonly [KeyObject, ...KeyObject[]] {
    const { secretKey, previousSecretKey } = this.settings;
    const current = derive(secretKey, purpose);
    return previousSecretKey === null ? [current] : [current, derive(previousSecretKey, purpose)];
  }
}

function derive(secret: string, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `latchkey ${purpose}`, 32)));
}
