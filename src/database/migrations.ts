import { CreateUsers1764000000000 } from './migrations/1764000000000-create-users.js';
import { CreateSessions1795300000000 } from './migrations/1795300000000-create-sessions.js';
import { CreateClients1795300001000 } from './migrations/1795300001000-create-clients.js';
import { CreateSigningKeys1795300002000 } from './migrations/1795300002000-create-signing-keys.js';

/** Every migration, oldest first. One that has been released is never edited. */
export const MIGRATIONS = [
  CreateUsers1764000000000,
  CreateSessions1795300000000,
  CreateClients1795300001000,
  CreateSigningKeys1795300002000,
];
