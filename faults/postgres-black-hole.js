/**
 * The network swallows everything between latchkey and PostgreSQL: connections stay open on both sides, and nothing
 * arrives. A new one is taken, and nobody says anything on it. When the network is back the old ones stay dead.
 */
import { outage } from './support/outage.js';

export const claim =
  'while the network to PostgreSQL swallows everything, all are answered 503 within 2 s';

export const run = (experiment) =>
  outage(experiment, {
    begin: ({ proxy }) => proxy.swallow(),
    end: ({ proxy }) => proxy.pass(),
  });
