import * as z from 'zod';
import { typedAddress, userFields } from '../users/user-rules.js';

/** Long enough for any possible password; `PasswordPolicy` decides what is acceptable. */
const password = z
  .string()
  .max(4096, 'must have at most 4096 characters')
  .meta({ format: 'password' });

/** 43 characters in base64url, and there is no point in checking longer ones. */
const token = z.string().min(1, 'must not be empty').max(256, 'is invalid');

export const registrationBody = z.strictObject({
  username: userFields.username,
  password,
  email: userFields.email.optional(),
  full_name: userFields.full_name.optional(),
  invitation: token.optional(),
});
export type RegistrationBody = z.output<typeof registrationBody>;

export const profileChangeBody = z.strictObject({
  full_name: userFields.full_name.nullable().optional(),
});
export type ProfileChangeBody = z.output<typeof profileChangeBody>;

export const passwordChangeBody = z.strictObject({
  current_password: password,
  new_password: password,
});
export type PasswordChangeBody = z.output<typeof passwordChangeBody>;

export const emailChangeBody = z.strictObject({ email: userFields.email, password });
export type EmailChangeBody = z.output<typeof emailChangeBody>;

export const deletionBody = z.strictObject({ password });
export type DeletionBody = z.output<typeof deletionBody>;

export const addressBody = z.strictObject({ email: typedAddress });
export type AddressBody = z.output<typeof addressBody>;

export const tokenBody = z.strictObject({ token });
export type TokenBody = z.output<typeof tokenBody>;

export const newPasswordBody = z.strictObject({ token, new_password: password });
export type NewPasswordBody = z.output<typeof newPasswordBody>;
