import { TemporarilyUnavailable } from '../http/problem.js';

/** The table of keys was emptied; the next check of it makes one. */
export class NoSigningKey extends TemporarilyUnavailable {
  constructor() {
    super('There is no key to sign with; try again', 2);
  }
}

export class KeyNotFound extends Error {
  constructor(kid: string) {
    super(`There is no key ${JSON.stringify(kid)}`);
  }
}

/** With `ALGORITHM=HS*` the key is a variable, which no command can change. */
export class KeyIsSecretKey extends Error {}
