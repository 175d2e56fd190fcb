import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** A program that authenticates with a secret, of which only the hash is kept. Times are epoch milliseconds. */
@Entity('clients')
export class Client {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  /** SHA-256 in hex: enough for 256 random bits, which nobody guesses. */
  @Column('varchar', { name: 'secret_hash', length: 64 })
  secretHash!: string;

  /** The secret before the last rotation. */
  @Column('varchar', { name: 'previous_secret_hash', length: 64, nullable: true })
  previousSecretHash!: string | null;

  @BigintColumn({ name: 'previous_expires_at', nullable: true })
  previousExpiresAt!: number | null;

  @BigintColumn({ name: 'created_at' })
  createdAt!: number;
}
