import { type FieldError, Problem } from './problem.js';

/** Members of a body, or other named input, that are not as they must be: all of them at once. */
export class InvalidFields extends Problem {
  constructor(errors: FieldError[]) {
    const detail = errors.map(({ field, message }) => `${field}: ${message}`).join('; ');
    super({ status: 400, code: 'invalid_fields', detail, errors });
  }
}

export function missingField(field: string): FieldError {
  return { field, message: 'is required' };
}

export function unknownField(field: string): FieldError {
  return { field, message: 'unknown field' };
}
