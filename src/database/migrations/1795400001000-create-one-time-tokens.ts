import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The tokens of links in mails, and of invitations. */
export class CreateOneTimeTokens1795400001000 implements MigrationInterface {
  name = 'CreateOneTimeTokens1795400001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { driver } = queryRunner.dataSource;
    const varchar = driver.normalizeType({ type: 'varchar' });
    const bigint = driver.normalizeType({ type: 'bigint' });
    const integer = driver.normalizeType({ type: Number });
    await queryRunner.createTable(
      new Table({
        name: 'one_time_tokens',
        columns: [
          { name: 'token_hash', type: varchar, length: '43', isPrimary: true },
          { name: 'purpose', type: varchar, length: '32' },
          { name: 'user_id', type: integer, isNullable: true },
          { name: 'address', type: varchar, length: '254', isNullable: true },
          { name: 'created_at', type: bigint },
          { name: 'expires_at', type: bigint },
        ],
        foreignKeys: [USER],
        indices: INDICES,
      }),
    );
  }

  /** Links in mails that were sent become invalid. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('one_time_tokens');
  }
}

const USER = {
  name: 'fk_one_time_tokens_user_id',
  columnNames: ['user_id'],
  referencedTableName: 'users',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
};

const INDICES = [
  {
    name: 'ix_one_time_tokens_user_id_purpose',
    columnNames: ['user_id', 'purpose'],
    isUnique: true,
  },
  { name: 'ix_one_time_tokens_expires_at', columnNames: ['expires_at'] },
];
