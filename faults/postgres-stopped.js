/** PostgreSQL is shut down, and started again: its connections are closed, and its port refuses new ones. */
import { outage } from './support/outage.js';

export const claim =
  'while PostgreSQL is stopped all requests are answered 503, and latchkey need not be restarted';

export const run = (experiment) =>
  outage(experiment, {
    begin: ({ postgres }) => postgres.stop(),
    end: ({ postgres }) => postgres.startAgain(),
  });
