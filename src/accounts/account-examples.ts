import { ApiProblem, type Example } from '../http/api-errors.js';
import { JSON_REFUSALS } from '../http/api-refusals.js';

/** The response to an invalid token. */
export const INVALID_LINK: Example = [
  'invalid_one_time_token',
  'The link is not good: it was used, is too old, or there is a newer one',
  [{ field: 'token', message: 'is not good' }],
];

/** Documents the refusals of an endpoint that takes an address only. */
export const ApiAddressProblem = () =>
  ApiProblem(400, {
    description: 'The body is not right',
    examples: [
      ...JSON_REFUSALS,
      [
        'invalid_fields',
        'email: must be an address such as alex@example.com',
        [{ field: 'email', message: 'must be an address such as alex@example.com' }],
      ],
    ],
  });
