import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** The kinds of actors and subjects. */
export type Kind = 'user' | 'client' | 'key' | 'cli' | 'system';

/** Was it done, or refused? */
export type Outcome = 'success' | 'refused';

/** What was done, or refused: by whom, to whom, from where, when. Never changed once written. */
@Entity('audit_entries')
@Index('ix_audit_entries_actor', ['actor', 'id'])
@Index('ix_audit_entries_subject', ['subject', 'id'])
export class AuditEntry {
  /** Sorts by time, and by order within one process: `entryId`. */
  @PrimaryColumn('varchar', { length: 28 })
  id!: string;

  @Index('ix_audit_entries_time')
  @BigintColumn()
  time!: number;

  @Column('varchar', { length: 32 })
  event!: string;

  @Column('varchar', { length: 8 })
  outcome!: Outcome;

  /** Null where the actor is not authenticated. */
  @Column('varchar', { name: 'actor_kind', length: 8, nullable: true })
  actorKind!: Kind | null;

  /** No reference, as with the subject: the entry outlives the user. */
  @Column('integer', { name: 'actor_id', nullable: true })
  actorId!: number | null;

  @Column('varchar', { length: 257, nullable: true })
  actor!: string | null;

  @Column('varchar', { name: 'subject_kind', length: 8, nullable: true })
  subjectKind!: Kind | null;

  @Column('integer', { name: 'subject_id', nullable: true })
  subjectId!: number | null;

  @Column('varchar', { length: 257, nullable: true })
  subject!: string | null;

  @Column('varchar', { length: 64, nullable: true })
  ip!: string | null;

  @Column('varchar', { name: 'request_id', length: 36, nullable: true })
  requestId!: string | null;

  @Column('varchar', { length: 64, nullable: true })
  reason!: string | null;

  /** More, as JSON: `Details`. */
  @Column('varchar', { nullable: true })
  details!: string | null;
}
