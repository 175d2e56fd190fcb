import { Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** The name of a deleted user, which can't be reused while one of their tokens could be valid. */
@Entity('released_usernames')
export class ReleasedUsername {
  @PrimaryColumn('varchar', { name: 'username_key' })
  usernameKey!: string;

  @BigintColumn({ name: 'free_at' })
  freeAt!: number;
}
