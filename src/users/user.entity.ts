import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/**
 * A row of the tutorial's table, with its names, and what accounts need in addition. Every column but the id may be
 * null: users of an adopted database stay as they are.
 */
@Entity('users')
@Index('ix_users_scoped', ['id'], { where: 'scopes IS NOT NULL' })
@Index('ix_users_disabled', ['id'], { where: 'disabled' })
export class User {
  @Index('ix_users_id')
  @PrimaryGeneratedColumn()
  id!: number;

  @Index('ix_users_username', { unique: true })
  @Column('varchar', { nullable: true })
  username!: string | null;

  @Column('varchar', { name: 'full_name', nullable: true })
  fullName!: string | null;

  @Index('ix_users_email', { unique: true })
  @Column('varchar', { nullable: true })
  email!: string | null;

  @Column('varchar', { name: 'hashed_password', nullable: true })
  hashedPassword!: string | null;

  /** Null is not disabled. */
  @Column('boolean', { nullable: true, default: false })
  disabled!: boolean | null;

  /** The canonical form of the username, in which it is unique; null if an older user has the same. */
  @Index('ix_users_username_key', { unique: true })
  @Column({ type: 'varchar', name: 'username_key', nullable: true, collation: 'C' })
  usernameKey!: string | null;

  /** The same for the e-mail address. */
  @Index('ix_users_email_key', { unique: true })
  @Column({ type: 'varchar', name: 'email_key', nullable: true, collation: 'C' })
  emailKey!: string | null;

  /** When the address was verified; null if it never was. */
  @BigintColumn({ name: 'email_verified_at', nullable: true })
  emailVerifiedAt!: number | null;

  /** Until when a sign-up waits for its address to be verified; null for all other users. */
  @Index('ix_users_pending_until')
  @BigintColumn({ name: 'pending_until', nullable: true })
  pendingUntil!: number | null;

  /** What the user was granted, separated by spaces; without `profile`, which every user has. */
  @Column('varchar', { nullable: true })
  scopes!: string | null;

  /** Null for users from before it was noted. */
  @BigintColumn({ name: 'created_at', nullable: true })
  createdAt!: number | null;
}
