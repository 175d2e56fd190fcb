import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The counters of wrong passwords. */
export class CreateAttemptCounters1795500000000 implements MigrationInterface {
  name = 'CreateAttemptCounters1795500000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const { driver } = queryRunner.dataSource;
    const varchar = driver.normalizeType({ type: 'varchar' });
    const integer = driver.normalizeType({ type: Number });
    const bigint = driver.normalizeType({ type: 'bigint' });
    const table = new Table({
      name: 'attempt_counters',
      columns: [
        { name: 'key', type: varchar, length: '128', isPrimary: true },
        { name: 'points', type: integer, default: '0' },
        { name: 'expire', type: bigint },
        { name: 'running', type: integer, default: '0' },
        { name: 'running_until', type: bigint, default: '0' },
      ],
      indices: [{ name: 'ix_attempt_counters_expire', columnNames: ['expire'] }],
    });
    await queryRunner.createTable(table);
  }

  /** An attacker may start guessing again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('attempt_counters');
  }
}
