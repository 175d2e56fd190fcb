import { Injectable, Optional } from '@nestjs/common';
import { InvalidFields } from '../http/invalid-fields.js';
import { PasswordSettings } from '../config/settings.js';
import { PASSWORD_LONGEST } from '../crypto/password-hasher.js';
import { isCommonPassword } from './common-passwords.js';
import { isLike } from './password-similarity.js';
import { PwnedPasswords } from './pwned-passwords.js';

/** The message for a common password. */
export const TOO_COMMON = 'is one of the most common passwords';

/** The message for one with fewer characters. */
export function tooShort(minLength: number): string {
  return `must have at least ${minLength} characters`;
}

/** The user whose password it will be: it must not resemble these. */
export interface PasswordOwner {
  username?: string | null;
  email?: string | null;
}

/** What a password must be wherever one is set (NIST SP 800-63B §5.1.1.2): no composition rules, no expiry. */
@Injectable()
export class PasswordPolicy {
  /** @param pwned checks for breaches; no check if omitted */
  constructor(
    private readonly settings: PasswordSettings,
    @Optional() private readonly pwned?: PwnedPasswords,
  ) {}

  /**
   * @param field the name of the field that holds the password
   * @throws InvalidFields that says why it is refused
   */
  async check(password: string, owner: PasswordOwner, field = 'password'): Promise<void> {
    const message =
      this.wrongForm(password) ??
      this.likeness(password, owner) ??
      (await this.publicity(password));
    if (message !== undefined) throw new InvalidFields([{ field, message }]);
  }

  private wrongForm(password: string): string | undefined {
    const { minLength } = this.settings;
    if (Buffer.byteLength(password) > PASSWORD_LONGEST) {
      return `must have at most ${PASSWORD_LONGEST} bytes`;
    }
    if (Array.from(password).length < minLength) return tooShort(minLength);
    // Lone surrogates have no UTF-8 bytes of their own: all of them would be the same password.
    return /\p{Cs}/u.test(password) ? 'must have whole characters only' : undefined;
  }

  private likeness(password: string, { username, email }: PasswordOwner): string | undefined {
    const names = [
      ['username', username],
      ['e-mail address', email],
      ['e-mail address', email?.slice(0, email.lastIndexOf('@'))],
      ['name of the service', this.settings.appName],
      ['name of the service', 'latchkey'],
    ] as const;
    const like = names.find(([, name]) => name && isLike(password, name));
    return like && `is too close to the ${like[0]}`;
  }

  private async publicity(password: string): Promise<string | undefined> {
    if (await isCommonPassword(password)) return TOO_COMMON;
    if (await this.pwned?.has(password)) return 'is known from a data breach';
    return undefined;
  }
}
