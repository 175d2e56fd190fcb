/**
 * PostgreSQL stands still: every process of it gets SIGSTOP, as when its machine hangs or its disk does. Its kernel
 * still takes connections, and nobody says anything on them. It goes on after a while, as if nothing had been.
 */
import { outage } from './support/outage.js';

export const claim = 'while PostgreSQL is frozen everybody is answered 503 within 2 s';

export const run = (experiment) =>
  outage(experiment, {
    begin: ({ postgres }) => postgres.freeze(),
    end: ({ postgres }) => postgres.thaw(),
  });
