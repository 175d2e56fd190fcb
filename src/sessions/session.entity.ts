import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';
import { User } from '../users/user.entity.js';

/** Why a session ended before it expired. */
export type RevokedReason =
  | 'logout'
  | 'revoked'
  | 'refresh_reuse'
  | 'password_changed'
  | 'user_disabled'
  | 'user_deleted'
  | 'ended_by_administrator'
  | 'restored';

/** How long a row is kept once it is no longer needed, for another process whose clock is behind, in milliseconds. */
export const KEPT_MS = 60_000;

/** A login and its tokens: one row, however often they are renewed. */
@Entity('sessions')
export class Session {
  /** 128 random bits in base64url; the `sid` of its access tokens. */
  @PrimaryColumn('varchar', { length: 22 })
  id!: string;

  /** Null once the user is deleted: the row still shows that the session has ended. */
  @Index('ix_sessions_user_id')
  @Column('integer', { name: 'user_id', nullable: true })
  userId!: number | null;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_sessions_user_id' })
  user?: User | null;

  /** What the client called itself at the login, a label; or the authenticated client. */
  @Column('varchar', { name: 'client_id', length: 64, nullable: true })
  clientId!: string | null;

  /** What was granted at the login, separated by spaces; null from before there were scopes. */
  @Column('varchar', { nullable: true })
  scope!: string | null;

  /** Did the client authenticate? Then only that client can refresh. */
  @Column('boolean', { name: 'client_authenticated' })
  clientAuthenticated!: boolean;

  @Column('varchar', { name: 'user_agent', length: 255, nullable: true })
  userAgent!: string | null;

  @Column('varchar', { length: 64, nullable: true })
  ip!: string | null;

  @BigintColumn({ name: 'created_at' })
  createdAt!: number;

  /** The login, or the last refresh. */
  @BigintColumn({ name: 'last_used_at' })
  lastUsedAt!: number;

  /** How often it was refreshed: the generation of its refresh token. */
  @Column('integer', { name: 'refresh_counter' })
  refreshCounter!: number;

  @BigintColumn({ name: 'rotated_at', nullable: true })
  rotatedAt!: number | null;

  /** When the last of its access tokens expires. */
  @BigintColumn({ name: 'tokens_expire_at' })
  tokensExpireAt!: number;

  /** From when on the row is not needed: when the session expires, or once revoked, when its last token does. */
  @Index('ix_sessions_expires_at')
  @BigintColumn({ name: 'expires_at' })
  expiresAt!: number;

  @BigintColumn({ name: 'revoked_at', nullable: true })
  revokedAt!: number | null;

  @Column('varchar', { name: 'revoked_reason', length: 32, nullable: true })
  revokedReason!: RevokedReason | null;

  /** The place among all revocations, by `RevocationCounter`. */
  @Index('ix_sessions_revoked_seq')
  @BigintColumn({ name: 'revoked_seq', nullable: true })
  revokedSeq!: number | null;
}
