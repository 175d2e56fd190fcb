import { HashingQueueFull } from '../crypto/hashing-queue.js';
import { DatabaseUnavailable } from '../database/database-errors.js';
import {
  ApiOAuthError,
  ApiProblem,
  type ErrorDocs,
  RETRY_AFTER,
} from '../http/error-answers.docs.js';
import { TooManyAttempts } from './attempt-errors.js';

const TOO_MANY_ATTEMPTS: ErrorDocs = {
  description:
    'Too many wrong passwords for the user, from the address, or both; then also for the right one',
  headers: RETRY_AFTER,
  examples: [new TooManyAttempts(1000)],
};

/** Documents that an endpoint takes no more guesses at a password. */
export function ApiTooManyAttempts() {
  return ApiProblem(TOO_MANY_ATTEMPTS);
}

/** The same for an OAuth endpoint. */
export function ApiOAuthTooManyAttempts() {
  return ApiOAuthError(TOO_MANY_ATTEMPTS);
}

const HASHING_UNAVAILABLE = {
  headers: RETRY_AFTER,
  examples: [new HashingQueueFull(1), new DatabaseUnavailable()],
};

/** Documents what an endpoint that computes a hash answers where it can't. */
export function ApiHashingUnavailable() {
  const description = 'Too many passwords at once, or the database does not answer';
  return ApiProblem({ ...HASHING_UNAVAILABLE, description });
}

/** The same for an OAuth endpoint. */
export function ApiOAuthHashingUnavailable() {
  const description = 'Too many logins at once, or the database does not answer';
  return ApiOAuthError({ ...HASHING_UNAVAILABLE, description });
}
