import { Entity, Index, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** When an address was sent its last three messages; 0 for never. */
@Entity('mail_allowances')
export class MailAllowance {
  @PrimaryColumn('varchar', { name: 'address_key', length: 254 })
  addressKey!: string;

  @Index('ix_mail_allowances_last_at')
  @BigintColumn({ name: 'last_at' })
  lastAt!: number;

  @BigintColumn({ name: 'second_last_at' })
  secondLastAt!: number;

  @BigintColumn({ name: 'third_last_at' })
  thirdLastAt!: number;
}
