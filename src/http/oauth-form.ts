import type { FormFields } from './form-body.js';
import { MissingField, RepeatedField } from './form-errors.js';
import { InvalidRequest } from './oauth-error.js';

/**
 * The known fields of a form, each at most once. Unknown ones are ignored (RFC 6749 §3.2).
 * @throws InvalidRequest that names the field
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
      throw new InvalidRequest(`Send ${field} as a plain field, not as ${field}[]`);
    }
    if (form.has(field)) throw new RepeatedField(field);
    form.set(field, value);
  }
  return form;
}

/** @throws MissingField also for one that is empty */
export function required<Field extends string>(
  form: ReadonlyMap<Field, string>,
  field: Field,
): string {
  const value = form.get(field);
  if (value) return value;
  throw new MissingField(field);
}
