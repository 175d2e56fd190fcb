/**
 * PostgreSQL is frozen: every process of it gets SIGSTOP, as when its machine or its disk hangs. Its kernel
 * still accepts connections, but nothing is sent on them. After a while it continues as if nothing had happened.
 */
import { outage } from './support/outage.js';

export const claim = 'while PostgreSQL is frozen all requests are answered 503 within 2 s';

export const run = (experiment) =>
  outage(experiment, {
    begin: ({ postgres }) => postgres.freeze(),
    end: ({ postgres }) => postgres.thaw(),
  });
