import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** A row of the tutorial's table, by its names; every column but the id may be null there. */
@Entity('users')
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
}
