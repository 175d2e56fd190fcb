import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who did what, from where and when. */
export class CreateAuditEntries1795600000000 implements MigrationInterface {
  name = 'CreateAuditEntries1795600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(entriesTable(queryRunner));
  }

  /** The trail is lost: run `audit export` first. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('audit_entries');
  }
}

function entriesTable({ dataSource: { driver } }: QueryRunner): Table {
  const varchar = driver.normalizeType({ type: 'varchar' });
  const bigint = driver.normalizeType({ type: 'bigint' });
  const integer = driver.normalizeType({ type: Number });
  const text = (name: string, length: string) => ({ name, type: varchar, length });
  const isNullable = true;
  return new Table({
    name: 'audit_entries',
    columns: [
      { ...text('id', '28'), isPrimary: true },
      { name: 'time', type: bigint },
      text('event', '32'),
      text('outcome', '8'),
      { ...text('actor_kind', '8'), isNullable },
      { name: 'actor_id', type: integer, isNullable },
      { ...text('actor', '257'), isNullable },
      { ...text('subject_kind', '8'), isNullable },
      { name: 'subject_id', type: integer, isNullable },
      { ...text('subject', '257'), isNullable },
      { ...text('ip', '64'), isNullable },
      { ...text('request_id', '36'), isNullable },
      { ...text('reason', '64'), isNullable },
      { name: 'details', type: varchar, isNullable },
    ],
    indices: [
      { name: 'ix_audit_entries_actor', columnNames: ['actor', 'id'] },
      { name: 'ix_audit_entries_subject', columnNames: ['subject', 'id'] },
      { name: 'ix_audit_entries_time', columnNames: ['time'] },
    ],
  });
}
