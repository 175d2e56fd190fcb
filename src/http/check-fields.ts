import type * as z from 'zod';
import { InvalidFields, missingField, unknownField } from './invalid-fields.js';
import type { FieldError } from './problem.js';

/** How many wrong fields are named at once, and how much of a name that is not known. */
const MOST_NAMED = 20;
const LONGEST_NAME = 64;

/**
 * Checks fields by the rules that a schema has for them.
 * @returns what comes out of the schema
 * @throws InvalidFields that names every field that is wrong, missing or not known, 20 at most
 */
export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value, { reportInput: true });
  if (result.success) return result.data;
  throw new InvalidFields(result.error.issues.flatMap(fieldErrors).slice(0, MOST_NAMED));
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownField(Array.from(key).slice(0, LONGEST_NAME).join('')));
  }
  const field = issue.path.join('.');
  if (issue.code !== 'invalid_type') return [{ field, message: issue.message }];
  if (issue.input === undefined) return [missingField(field)];
  return [{ field, message: `must be of type ${issue.expected}` }];
}
