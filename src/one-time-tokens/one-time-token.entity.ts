import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';
import { User } from '../users/user.entity.js';

/** What a token is for. */
export type TokenPurpose =
  'verify_email' | 'change_email' | 'reset_password' | 'set_password' | 'invitation';

/** A single-use token, by its hash. A user has at most one for each purpose: the newest. */
@Entity('one_time_tokens')
@Index('ix_one_time_tokens_user_id_purpose', ['userId', 'purpose'], { unique: true })
export class OneTimeToken {
  /** SHA-256 in base64url. */
  @PrimaryColumn('varchar', { name: 'token_hash', length: 43 })
  tokenHash!: string;

  @Column('varchar', { length: 32 })
  purpose!: TokenPurpose;

  /** Null for an invitation, whose user does not exist yet. */
  @Column('integer', { name: 'user_id', nullable: true })
  userId!: number | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'user_id', foreignKeyConstraintName: 'fk_one_time_tokens_user_id' })
  user?: User | null;

  /** The address it was sent to. */
  @Column('varchar', { length: 254, nullable: true })
  address!: string | null;

  @BigintColumn({ name: 'created_at' })
  createdAt!: number;

  @Index('ix_one_time_tokens_expires_at')
  @BigintColumn({ name: 'expires_at' })
  expiresAt!: number;
}
