import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** The name of a deleted user, which is not given out again while one of their tokens could live. */
@Entity('released_usernames')
export class ReleasedUsername {
  @PrimaryColumn('varchar', { name: 'username_key' })
  usernameKey!: string;

  @BigintColumn({ name: 'free_at' })
  freeAt!: number;
}
