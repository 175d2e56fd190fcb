import { CreateUsers1764000000000 } from './migrations/1764000000000-create-users.js';

/** Every migration, oldest first. One that has been released is never edited. */
export const MIGRATIONS = [CreateUsers1764000000000];
