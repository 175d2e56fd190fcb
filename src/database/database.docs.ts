import {
  ApiOAuthError,
  ApiProblem,
  type ErrorDocs,
  RETRY_AFTER,
} from '../http/error-answers.docs.js';
import { DatabaseUnavailable } from './database-errors.js';

const DATABASE_AWAY: ErrorDocs = {
  description: 'The database does not answer',
  headers: RETRY_AFTER,
  examples: [new DatabaseUnavailable()],
};

/** Documents what an endpoint that needs the database answers without it. */
export function ApiUnavailable() {
  return ApiProblem(DATABASE_AWAY);
}

/** The same for an OAuth endpoint. */
export function ApiOAuthUnavailable() {
  return ApiOAuthError(DATABASE_AWAY);
}
