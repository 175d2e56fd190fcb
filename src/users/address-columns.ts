import { canonicalAddress } from '../common/canonical-text.js';
import type { User } from './user.entity.js';

/** An address as it is stored: with its canonical form, so that neither is set without the other. */
export function addressColumns(email: string | null = null): Pick<User, 'email' | 'emailKey'> {
  return { email, emailKey: email === null ? null : canonicalAddress(email) };
}
