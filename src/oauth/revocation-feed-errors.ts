import { InvalidRequest } from '../http/oauth-error.js';

/** The longest long poll, in seconds: below what proxies usually cut at. */
export const LONGEST_WAIT_S = 25;

export class InvalidSince extends InvalidRequest {
  constructor() {
    super('The parameter since must be the cursor of an earlier answer');
  }
}

export class InvalidWait extends InvalidRequest {
  constructor() {
    super(`The parameter wait must be seconds, at most ${LONGEST_WAIT_S}`);
  }
}
