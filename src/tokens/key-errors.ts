import { TemporarilyUnavailable } from '../http/problem.js';

/** Somebody emptied the table of keys; the next look at it makes one. */
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
