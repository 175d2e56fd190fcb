import { ApiProblem } from '../http/error-answers.docs.js';
import { JSON_REFUSALS } from '../http/common-refusals.docs.js';
import { InvalidFields } from '../http/invalid-fields.js';
import { NO_ADDRESS } from '../users/user-rules.js';

/** Documents what is refused where an address is all that is asked for. */
export const ApiAddressProblem = () =>
  ApiProblem({
    description: 'The body is invalid',
    examples: [...JSON_REFUSALS, new InvalidFields([{ field: 'email', message: NO_ADDRESS }])],
  });
