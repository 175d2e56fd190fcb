import { CreateUsers1764000000000 } from './migrations/1764000000000-create-users.js';
import { CreateSessions1795300000000 } from './migrations/1795300000000-create-sessions.js';
import { CreateClients1795300001000 } from './migrations/1795300001000-create-clients.js';
import { CreateSigningKeys1795300002000 } from './migrations/1795300002000-create-signing-keys.js';
import { ExtendUsers1795400000000 } from './migrations/1795400000000-extend-users.js';
import { CreateOneTimeTokens1795400001000 } from './migrations/1795400001000-create-one-time-tokens.js';
import { CreateOutgoingMails1795400002000 } from './migrations/1795400002000-create-outgoing-mails.js';
import { AddSessionScope1795400003000 } from './migrations/1795400003000-add-session-scope.js';
import { CreateAttemptCounters1795500000000 } from './migrations/1795500000000-create-attempt-counters.js';
import { CreateAuditEntries1795600000000 } from './migrations/1795600000000-create-audit-entries.js';

/** Every migration, oldest first. One that has been released is never edited. */
export const MIGRATIONS = [
  CreateUsers1764000000000,
  CreateSessions1795300000000,
  CreateClients1795300001000,
  CreateSigningKeys1795300002000,
  ExtendUsers1795400000000,
  CreateOneTimeTokens1795400001000,
  CreateOutgoingMails1795400002000,
  AddSessionScope1795400003000,
  CreateAttemptCounters1795500000000,
  CreateAuditEntries1795600000000,
];
