/**
 * The network drops everything between latchkey and PostgreSQL: connections stay open on both sides, and nothing
 * arrives. A new one is accepted, and nothing is sent on it. When the network is back the old ones stay dead.
 */
import { outage } from './support/outage.js';

export const claim =
  'while the network to PostgreSQL drops everything, all requests are answered 503 within 2 s';

export const run = (experiment) =>
  outage(experiment, {
    begin: ({ proxy }) => proxy.swallow(),
    end: ({ proxy }) => proxy.pass(),
  });
