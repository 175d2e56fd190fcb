import { ReadBody } from './read-body.decorator.js';
import { readFormFields } from './form-body.js';
import { singleFields } from './oauth-form.js';

/** The handler takes a form in the body, with each of these fields at most once, as a `Map`. */
export function FormBody(fields: readonly string[]) {
  return ReadBody(async (request, response) =>
    singleFields(await readFormFields(request, response), fields),
  );
}
