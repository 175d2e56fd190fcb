import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/**
 * A message that is to be sent: its kind, and whom it is about. It is composed when it is sent, so that no token is
 * ever stored in it.
 */
@Entity('outgoing_mails')
export class OutgoingMail {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column('varchar', { length: 32 })
  kind!: string;

  @Column('integer', { name: 'user_id', nullable: true })
  userId!: number | null;

  /** An address that the kind of message needs: one that was entered, or one that is being replaced. */
  @Column('varchar', { length: 254, nullable: true })
  address!: string | null;

  @Column('integer')
  attempts!: number;

  @BigintColumn({ name: 'created_at' })
  createdAt!: number;

  /** When to try next; a sender moves it forward before it tries, so that only one does. */
  @Index('ix_outgoing_mails_due_at')
  @BigintColumn({ name: 'due_at' })
  dueAt!: number;
}
