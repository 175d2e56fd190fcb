/** Where an event is reported. */
interface Told {
  /** In the audit trail, which keeps it. */
  trail: boolean;
  /** As a line of the security log. */
  log: boolean;
  /** In the metrics, where they are on. */
  metrics: boolean;
}

const EVERYWHERE: Told = { trail: true, log: true, metrics: true };
/** What happens too often to be kept, or says nothing about a user. */
const NOT_KEPT: Told = { trail: false, log: true, metrics: true };

/** Everything that a request does or is refused, and where each is reported. */
export const EVENTS = {
  login_succeeded: EVERYWHERE,
  login_failed: EVERYWHERE,
  login_malformed: NOT_KEPT,
  login_unavailable: NOT_KEPT,
  login_throttled: NOT_KEPT,
  /** Each login that is refused because of those before it; `login_throttled` is logged once a minute only. */
  login_limited: { trail: false, log: false, metrics: true },
  token_refused: NOT_KEPT,
  token_refreshed: NOT_KEPT,
  refresh_refused: NOT_KEPT,
  refresh_reuse: EVERYWHERE,
  session_ended: EVERYWHERE,
  client_granted: NOT_KEPT,
  client_refused: EVERYWHERE,
  password_rehashed: NOT_KEPT,
  password_refused: EVERYWHERE,
  password_changed: EVERYWHERE,
  password_reset_requested: NOT_KEPT,
  password_reset: EVERYWHERE,
  email_change_requested: EVERYWHERE,
  email_changed: EVERYWHERE,
  email_verified: EVERYWHERE,
  user_registered: EVERYWHERE,
  user_created: EVERYWHERE,
  user_changed: EVERYWHERE,
  user_deleted: EVERYWHERE,
  password_reset_sent: EVERYWHERE,
  invitation_made: EVERYWHERE,
  administration_refused: EVERYWHERE,
} satisfies Record<string, Told>;

export type SecurityEvent = keyof typeof EVENTS;

/** What the command line, or the service on its own, does: in the trail alone, which the operator reads anyway. */
export type OwnEvent =
  | SecurityEvent
  | 'client_created'
  | 'client_rotated'
  | 'client_deleted'
  | 'key_created'
  | 'key_revoked'
  | 'users_imported'
  | 'users_exported'
  | 'attempts_forgotten'
  | 'database_restored';
