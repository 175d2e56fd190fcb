import { Injectable } from '@nestjs/common';
import { InvalidFields } from '../common/invalid-fields.js';
import { PasswordSettings } from '../config/settings.js';
import { PASSWORD_LONGEST } from '../crypto/password-hasher.js';

/** Whose password it is to be: what is theirs, it must not be. */
export interface PasswordOwner {
  username?: string | null;
  email?: string | null;
}

/** What a password must be wherever one is set (NIST SP 800-63B §5.1.1.2): no rules of composition, no expiry. */
@Injectable()
export class PasswordPolicy {
  constructor(private readonly settings: PasswordSettings) {}

  /**
   * @param field what the password is called where it comes from
   * @throws InvalidFields that says why it is refused
   */
  async check(password: string, _owner: PasswordOwner, field = 'password'): Promise<void> {
    const message = this.problemOf(password);
    if (message !== undefined) throw new InvalidFields([{ field, message }]);
    return Promise.resolve();
  }

  private problemOf(password: string): string | undefined {
    const { minLength } = this.settings;
    if (Array.from(password).length < minLength)
      return `must have at least ${minLength} characters`;
    if (Buffer.byteLength(password) > PASSWORD_LONGEST) {
      return `must have at most ${PASSWORD_LONGEST} bytes`;
    }
    return undefined;
  }
}
