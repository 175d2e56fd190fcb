import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** The wrong passwords of a user, an address, or both, and the passwords that are being checked. */
@Entity('attempt_counters')
export class AttemptCounter {
  /** What is counted: see `attempt-keys.ts`. */
  @PrimaryColumn('varchar', { length: 128 })
  key!: string;

  /** Wrong passwords since the window began. */
  @Column('integer', { default: 0 })
  points!: number;

  /** When the window ends, in milliseconds since the epoch; the past if none is open. */
  @Index('ix_attempt_counters_expire')
  @BigintColumn()
  expire!: number;

  /** How many passwords are being compared right now. */
  @Column('integer', { default: 0 })
  running!: number;

  /** Until when that counts: a process that is killed never reports that it is done. */
  @BigintColumn({ name: 'running_until', default: 0 })
  runningUntil!: number;
}
