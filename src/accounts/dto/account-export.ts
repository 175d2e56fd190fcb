import { ApiProperty } from '@nestjs/swagger';
import type { AuditEntry } from '../../audit/audit-entry.entity.js';
import { type Details, detailsIn } from '../../audit/facts.js';
import { isoTime } from '../../common/iso-time.js';
import type { OutgoingMail } from '../../mail/outgoing-mail.entity.js';
import type { OneTimeToken } from '../../one-time-tokens/one-time-token.entity.js';
import type { Session } from '../../sessions/session.entity.js';
import type { User } from '../../users/user.entity.js';

const time = { type: String, format: 'date-time', example: '2030-01-01T00:00:00.000Z' } as const;
const timeOrNull = { ...time, nullable: true } as const;
const text = { type: String, nullable: true } as const;

export class ExportedSession {
  @ApiProperty({ type: String })
  id!: string;

  @ApiProperty(time)
  created_at!: string | null;

  @ApiProperty(time)
  last_used_at!: string | null;

  @ApiProperty({ ...timeOrNull, description: 'The last refresh' })
  rotated_at!: string | null;

  @ApiProperty({ ...time, description: 'When the last of its access tokens expires' })
  tokens_expire_at!: string | null;

  @ApiProperty({ ...time, description: 'When it ends by itself' })
  expires_at!: string | null;

  @ApiProperty(timeOrNull)
  revoked_at!: string | null;

  @ApiProperty(text)
  revoked_reason!: string | null;

  @ApiProperty(text)
  user_agent!: string | null;

  @ApiProperty(text)
  ip!: string | null;

  @ApiProperty(text)
  client_id!: string | null;

  @ApiProperty({ type: Boolean, description: 'Did the client prove who it is?' })
  client_authenticated!: boolean;

  @ApiProperty(text)
  scope!: string | null;

  @ApiProperty({ type: 'integer', description: 'How often it was refreshed' })
  refreshes!: number;
}

/** A link that was sent, without its token. */
export class ExportedLink {
  @ApiProperty({ type: String, example: 'reset_password' })
  purpose!: string;

  @ApiProperty(text)
  address!: string | null;

  @ApiProperty(time)
  created_at!: string | null;

  @ApiProperty(time)
  expires_at!: string | null;
}

/** A message that is still to be sent. */
export class ExportedMail {
  @ApiProperty({ type: String, example: 'password_changed' })
  kind!: string;

  @ApiProperty(text)
  address!: string | null;

  @ApiProperty(time)
  created_at!: string | null;

  @ApiProperty({ ...time, description: 'When it is tried next' })
  due_at!: string | null;

  @ApiProperty({ type: 'integer', description: 'How often it was tried' })
  attempts!: number;
}

/** What the audit trail says about a user, without what it says about others. */
export class ExportedEvent {
  @ApiProperty(time)
  time!: string | null;

  @ApiProperty({ type: String, example: 'login_succeeded' })
  event!: string;

  @ApiProperty({ type: String, enum: ['success', 'refused'], example: 'success' })
  outcome!: string;

  @ApiProperty({ type: Boolean, description: 'Did the user do it?' })
  by_user!: boolean;

  @ApiProperty({ type: Boolean, description: 'Is it about the user?' })
  about_user!: boolean;

  @ApiProperty({ ...text, description: 'From where; null also where it was another user' })
  ip!: string | null;

  @ApiProperty({ ...text, description: 'The `X-Request-Id`; null as `ip` is' })
  request_id!: string | null;

  @ApiProperty(text)
  reason!: string | null;

  @ApiProperty({ type: Object, description: 'More, as far as it is about the user' })
  details!: Details;
}

/** What the export contains, besides the user's row. */
interface Parts {
  scopes: string[];
  sessions: Session[];
  tokens: OneTimeToken[];
  mails: OutgoingMail[];
  events: AuditEntry[];
  /** Milliseconds since the epoch. */
  mailedAt: number[];
}

/** Everything stored about a user except credentials: of the password, only that there is one. */
export class AccountExport {
  @ApiProperty({ type: 'integer', example: 1 })
  id!: number;

  @ApiProperty({ ...text, example: 'alex' })
  username!: string | null;

  @ApiProperty({ ...text, example: 'alex@example.com' })
  email!: string | null;

  @ApiProperty(timeOrNull)
  email_verified_at!: string | null;

  @ApiProperty({ ...text, example: 'Alex Kasai' })
  full_name!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, example: false })
  disabled!: boolean | null;

  @ApiProperty({ type: [String], description: 'Granted', example: [] })
  scopes!: string[];

  @ApiProperty({ type: Boolean, description: 'Is there a password?', example: true })
  has_password!: boolean;

  @ApiProperty({ ...timeOrNull, description: 'Null if it was not noted' })
  created_at!: string | null;

  @ApiProperty({ type: [ExportedSession] })
  sessions!: ExportedSession[];

  @ApiProperty({ type: [ExportedLink], description: 'Links in mails that are still good' })
  links!: ExportedLink[];

  @ApiProperty({ type: [ExportedMail], description: 'Messages that are still to be sent' })
  mails!: ExportedMail[];

  @ApiProperty({ type: [ExportedEvent], description: 'The audit trail, the newest 10,000' })
  events!: ExportedEvent[];

  @ApiProperty({
    ...time,
    isArray: true,
    example: [time.example],
    description: 'When the address had its last messages',
  })
  mailed_at!: (string | null)[];

  static of(user: User, parts: Parts): AccountExport {
    return {
      id: user.id,
      username: user.username,
      email: user.email,
      email_verified_at: isoTime(user.emailVerifiedAt),
      full_name: user.fullName,
      disabled: user.disabled,
      scopes: parts.scopes,
      has_password: user.hashedPassword !== null,
      created_at: isoTime(user.createdAt),
      sessions: parts.sessions.map(sessionOf),
      links: parts.tokens.map(linkOf),
      mails: parts.mails.map(mailOf),
      events: parts.events.map((entry) => eventOf(entry, user)),
      mailed_at: parts.mailedAt.map((time) => isoTime(time)),
    };
  }
}

function sessionOf(session: Session): ExportedSession {
  return {
    id: session.id,
    created_at: isoTime(session.createdAt),
    last_used_at: isoTime(session.lastUsedAt),
    rotated_at: isoTime(session.rotatedAt),
    tokens_expire_at: isoTime(session.tokensExpireAt),
    expires_at: isoTime(session.expiresAt),
    revoked_at: isoTime(session.revokedAt),
    revoked_reason: session.revokedReason,
    user_agent: session.userAgent,
    ip: session.ip,
    client_id: session.clientId,
    client_authenticated: session.clientAuthenticated,
    scope: session.scope,
    refreshes: session.refreshCounter,
  };
}

function linkOf({ purpose, address, createdAt, expiresAt }: OneTimeToken): ExportedLink {
  return { purpose, address, created_at: isoTime(createdAt), expires_at: isoTime(expiresAt) };
}

function mailOf({ kind, address, createdAt, dueAt, attempts }: OutgoingMail): ExportedMail {
  return { kind, address, created_at: isoTime(createdAt), due_at: isoTime(dueAt), attempts };
}

/** An administrator's address is private, and so is what an administrator did to others. */
function eventOf(entry: AuditEntry, { id }: User): ExportedEvent {
  const isBy = entry.actorKind === 'user' && entry.actorId === id;
  const isAbout = entry.subjectKind === 'user' && entry.subjectId === id;
  // The actor is not authenticated: such as anyone who tried a password.
  const isAnybody = entry.actorKind === null;
  return {
    time: isoTime(entry.time),
    event: entry.event,
    outcome: entry.outcome,
    by_user: isBy,
    about_user: isAbout,
    ip: isBy || isAnybody ? entry.ip : null,
    request_id: isBy || isAnybody ? entry.requestId : null,
    reason: entry.reason,
    details: isAbout ? detailsIn(entry.details) : {},
  };
}
