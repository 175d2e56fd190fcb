import type { FormFields } from './form-body.js';
import { OAuthError } from './oauth-error.js';

/**
 * The known fields of a form, each at most once. Unknown ones are ignored (RFC 6749 §3.2).
 * @throws OAuthError `invalid_request` that names the field
 */
export function singleFields<Field extends string>(
  fields: FormFields,
  known: readonly Field[],
): Map<Field, string> {
  const form = new Map<Field, string>();
  for (const [name, value] of fields) {
    const field = known.find((one) => name === one || name.startsWith(`${one}[`));
    if (!field) continue;
    if (name !== field) {
      throw new OAuthError('invalid_request', `Send ${field} as a plain field, not as ${field}[]`);
    }
    if (form.has(field)) throw new OAuthError('invalid_request', `Send ${field} once`);
    form.set(field, value);
  }
  return form;
}

/** @throws OAuthError `invalid_request` for a field that is missing, or empty, which is the same (RFC 6749 §3.2) */
export function required<Field extends string>(
  form: ReadonlyMap<Field, string>,
  field: Field,
): string {
  const value = form.get(field);
  if (value) return value;
  throw new OAuthError(
    'invalid_request',
    `The field ${field} is required; send it in the form body`,
  );
}
