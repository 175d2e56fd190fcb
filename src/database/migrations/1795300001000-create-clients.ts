import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The programs that authenticate with a secret. */
export class CreateClients1795300001000 implements MigrationInterface {
  name = 'CreateClients1795300001000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { driver } = queryRunner.dataSource;
    const varchar = driver.normalizeType({ type: 'varchar' });
    const bigint = driver.normalizeType({ type: 'bigint' });
    await queryRunner.createTable(
      new Table({
        name: 'clients',
        columns: [
          { name: 'id', type: varchar, length: '64', isPrimary: true },
          { name: 'secret_hash', type: varchar, length: '64' },
          { name: 'previous_secret_hash', type: varchar, length: '64', isNullable: true },
          { name: 'previous_expires_at', type: bigint, isNullable: true },
          { name: 'created_at', type: bigint },
        ],
      }),
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('clients');
  }
}
