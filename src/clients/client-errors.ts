import { InvalidRequest, OAuthError } from '../http/oauth-error.js';
import { Problem } from '../http/problem.js';

export class ClientNotFound extends Problem {
  constructor(id: string) {
    const detail = `There is no client ${JSON.stringify(id)}`;
    super({ status: 404, code: 'client_not_found', detail });
  }
}

export class ClientIdTaken extends Problem {
  constructor(id: string) {
    const detail = `There is a client ${JSON.stringify(id)} already`;
    super({ status: 409, code: 'client_id_taken', detail });
  }
}

export class InvalidClientId extends Problem {
  constructor() {
    const field = 'client_id';
    const message = 'must have 1 to 64 characters, which may be letters, digits, and . _ ~ -';
    const detail = `${field}: ${message}`;
    super({ status: 400, code: 'invalid_client_id', detail, errors: [{ field, message }] });
  }
}

/** The client did not prove who it is (RFC 6749 §5.2), and learns how it could (RFC 7617 §2). */
export class InvalidClient extends OAuthError {
  constructor(detail: string) {
    const challenge = 'Basic realm="latchkey", charset="UTF-8"';
    super('invalid_client', detail, { status: 401, headers: { 'WWW-Authenticate': challenge } });
  }
}

export class IncorrectClientCredentials extends InvalidClient {
  constructor() {
    super('Incorrect client credentials');
  }
}

export class ClientAuthenticationRequired extends InvalidClient {
  constructor() {
    super('Client authentication is required');
  }
}

/** One way of client authentication in a request, and no more (RFC 6749 §2.3). */
export class RepeatedClientSecret extends InvalidRequest {
  constructor() {
    super('Send the client secret in the Authorization header or in the form, not both');
  }
}
