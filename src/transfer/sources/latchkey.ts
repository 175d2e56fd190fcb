import { MEMBERS } from '../imported-user.js';
import type { Source } from './source.js';

/** What `user export` writes, and what is easily produced from any table. */
export const latchkey: Source = {
  name: 'latchkey',
  formats: ['ndjson', 'csv', 'json'],
  columns: { required: ['username'], known: MEMBERS },
  // Unknown members are left in, for the check to name them.
  read: (record) => record,
};
