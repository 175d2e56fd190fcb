import * as z from 'zod';
import { grantedScopes } from '../../users/scope-rules.js';
import { userFields } from '../../users/user-rules.js';

/** A user created by an administrator; the user chooses the password. */
export const newUserBody = z.strictObject({
  username: userFields.username,
  email: userFields.email,
  full_name: userFields.full_name.optional(),
  scopes: grantedScopes.optional(),
});
export type NewUserBody = z.output<typeof newUserBody>;

/** What an administrator may change about a user. */
export const userChangeBody = z.strictObject({
  email: userFields.email.optional(),
  full_name: userFields.full_name.nullable().optional(),
  disabled: z.boolean().optional(),
  scopes: grantedScopes.optional(),
});
export type UserChangeBody = z.output<typeof userChangeBody>;
