import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The key pairs that sign access tokens. */
export class CreateSigningKeys1795300002000 implements MigrationInterface {
  name = 'CreateSigningKeys1795300002000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { driver } = queryRunner.dataSource;
    const varchar = driver.normalizeType({ type: 'varchar' });
    const bigint = driver.normalizeType({ type: 'bigint' });
    await queryRunner.createTable(
      new Table({
        name: 'signing_keys',
        columns: [
          { name: 'kid', type: varchar, length: '64', isPrimary: true },
          { name: 'algorithm', type: varchar, length: '16' },
          { name: 'sealed_key', type: driver.normalizeType({ type: 'text' }) },
          { name: 'created_at', type: bigint },
          { name: 'signs_from', type: bigint },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('signing_keys');
  }
}
