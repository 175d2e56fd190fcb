import { InvalidParameter } from '../http/invalid-parameter.js';

/** The most users there are on a page of the list. */
export const LARGEST_LIMIT = 200;

export class InvalidLimit extends InvalidParameter {
  constructor() {
    super('limit', `must be a number from 1 to ${LARGEST_LIMIT}`);
  }
}

export class InvalidCursor extends InvalidParameter {
  constructor() {
    super('cursor', 'must be the next_cursor of the same list');
  }
}

/** How many characters a prefix may have. */
export const LONGEST_PREFIX = { username_prefix: 64, email_prefix: 254 };

export class InvalidPrefix extends InvalidParameter {
  constructor(name: keyof typeof LONGEST_PREFIX) {
    super(name, `must have 1 to ${LONGEST_PREFIX[name]} characters, without control characters`);
  }
}

export class TwoPrefixes extends InvalidParameter {
  constructor() {
    super('email_prefix', 'must not be combined with username_prefix');
  }
}

export class InvalidScopeFilter extends InvalidParameter {
  constructor() {
    super('scope', 'must be one scope');
  }
}
