import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

export interface Opened {
  text: string;
  /** It was sealed under the previous key, and should be sealed again. */
  isUnderPrevious: boolean;
}

/** Encrypts and decrypts what is stored but must not be readable there: AES-256-GCM, random IV first, tag last. */
export class Sealing {
  /** @param keys the one to seal under, then others under which existing texts may be sealed */
  constructor(private readonly keys: readonly [KeyObject, ...KeyObject[]]) {}

  /** @param label what the text belongs to: it opens under the same label only */
  seal(text: string, label: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys[0], iv).setAAD(Buffer.from(label));
    const encrypted = [cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([iv, ...encrypted, cipher.getAuthTag()]).toString('base64url');
  }

  /** @returns undefined for anything that wasn't sealed under this label and one of the keys */
  open(sealed: string, label: string): Opened | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
    for (const [i, key] of this.keys.entries()) {
      const text = decrypt(key, bytes, label);
      if (text !== undefined) return { text, isUnderPrevious: i > 0 };
    }
    return undefined;
  }
}

function decrypt(key: KeyObject, bytes: Buffer, label: string): string | undefined {
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), options)
    .setAAD(Buffer.from(label))
    .setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const text = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES));
    return Buffer.concat([text, decipher.final()]).toString();
  } catch {
    return undefined;
  }
}
