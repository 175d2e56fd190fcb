import { Column, Entity, PrimaryColumn } from 'typeorm';
import { BigintColumn } from '../database/bigint-column.js';

/** A key pair that signs access tokens, or did, or will. Times are epoch milliseconds. */
@Entity('signing_keys')
export class StoredKey {
  /** The thumbprint of the public key (RFC 7638). */
  @PrimaryColumn('varchar', { length: 64 })
  kid!: string;

  @Column('varchar', { length: 16 })
  algorithm!: string;

  /** The private key as a JWK, encrypted under a key derived from `SECRET_KEY`. */
  @Column('text', { name: 'sealed_key' })
  sealedKey!: string;

  @BigintColumn({ name: 'created_at' })
  createdAt!: number;

  /** From when on it signs, until the next one does. */
  @BigintColumn({ name: 'signs_from' })
  signsFrom!: number;
}
