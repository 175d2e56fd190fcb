import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/**
 * Numbers the revocations: one row, incremented in the transaction that revokes. That holds the row lock until
 * the commit, so that on PostgreSQL too the numbers appear in their order, and a reader misses none.
 */
@Entity('revocation_counter')
export class RevocationCounter {
  @PrimaryColumn('integer')
  id!: number;

  @BigintColumn()
  value!: number;
}
