import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { PurposeKeys } from '../crypto/purpose-keys.js';

/** What a refresh token says: which session, and which generation of it. */
export interface RefreshTokenContent {
  sid: string;
  counter: number;
}

const SID_BYTES = 16;
const CONTENT_BYTES = SID_BYTES + 4;
const TOKEN = /^[\w-]{70}$/;

/**
 * Writes and reads refresh tokens: session id, counter, and an HMAC over both. The database stores nothing secret
 * about them, and the successor of a token can be produced again.
 */
@Injectable()
export class RefreshTokens {
  private readonly keys: readonly [KeyObject, ...KeyObject[]];

  constructor(purposeKeys: PurposeKeys) {
    this.keys = purposeKeys.for('refresh token');
  }

  write({ sid, counter }: RefreshTokenContent): string {
    const content = Buffer.alloc(CONTENT_BYTES);
    content.write(sid, 'base64url');
    content.writeUInt32BE(counter, SID_BYTES);
    return Buffer.concat([content, mac(this.keys[0], content)]).toString('base64url');
  }

  /** @returns undefined for anything that latchkey didn't issue under one of its keys */
  read(token: string): RefreshTokenContent | undefined {
    if (!TOKEN.test(token)) return undefined;
    const bytes = Buffer.from(token, 'base64url');
    // The last character has unused bits, which would allow several encodings of one token.
    if (bytes.toString('base64url') !== token) return undefined;
    const content = bytes.subarray(0, CONTENT_BYTES);
    const given = bytes.subarray(CONTENT_BYTES);
    if (!this.keys.some((key) => timingSafeEqual(mac(key, content), given))) return undefined;
    return {
      sid: content.toString('base64url', 0, SID_BYTES),
      counter: content.readUInt32BE(SID_BYTES),
    };
  }
}

function mac(key: KeyObject, content: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest();
}
