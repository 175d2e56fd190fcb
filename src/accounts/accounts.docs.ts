import { ApiProblem } from '../http/api-errors.js';
import { JSON_REFUSALS } from '../http/api-refusals.js';
import { InvalidFields } from '../http/invalid-fields.js';
import { NO_ADDRESS } from '../users/user-rules.js';

/** Documents what is refused where an address is all that is asked for. */
export const ApiAddressProblem = () =>
  ApiProblem({
    description: 'The body is invalid',
    examples: [...JSON_REFUSALS, new InvalidFields([{ field: 'email', message: NO_ADDRESS }])],
  });
