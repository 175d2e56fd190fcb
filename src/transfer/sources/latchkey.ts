import { MEMBERS } from '../imported-user.js';
import type { Source } from './source.js';

/** What `user export` writes, and what is easily made of any table. */
export const latchkey: Source = {
  name: 'latchkey',
  formats: ['ndjson', 'csv', 'json'],
  columns: { required: ['username'], known: MEMBERS },
  // Members that there are not are left in, for the check to name them.
  read: (record) => record,
};
