import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner, TableColumnOptions } from 'typeorm';

/** Sessions, and the counter that numbers their revocations. */
export class CreateSessions1795300000000 implements MigrationInterface {
  name = 'CreateSessions1795300000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(sessionsTable(queryRunner));
    await queryRunner.createTable(counterTable(queryRunner));
    await queryRunner.query('INSERT INTO revocation_counter (id, value) VALUES (1, 0)');
  }

  /** Logged-in users then have to log in again. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('revocation_counter');
    await queryRunner.dropTable('sessions');
  }
}

const USER = {
  name: 'fk_sessions_user_id',
  columnNames: ['user_id'],
  referencedTableName: 'users',
  referencedColumnNames: ['id'],
  onDelete: 'SET NULL',
};

const INDICES = [
  { name: 'ix_sessions_user_id', columnNames: ['user_id'] },
  { name: 'ix_sessions_expires_at', columnNames: ['expires_at'] },
  { name: 'ix_sessions_revoked_seq', columnNames: ['revoked_seq'] },
];

function sessionsTable({ dataSource: { driver } }: QueryRunner): Table {
  const varchar = driver.normalizeType({ type: 'varchar' });
  const bigint = driver.normalizeType({ type: 'bigint' });
  const integer = driver.normalizeType({ type: Number });
  const columns: TableColumnOptions[] = [
    { name: 'id', type: varchar, length: '22', isPrimary: true },
    { name: 'user_id', type: integer, isNullable: true },
    { name: 'client_id', type: varchar, length: '64', isNullable: true },
    { name: 'client_authenticated', type: driver.normalizeType({ type: Boolean }) },
    { name: 'user_agent', type: varchar, length: '255', isNullable: true },
    { name: 'ip', type: varchar, length: '64', isNullable: true },
    { name: 'created_at', type: bigint },
    { name: 'last_used_at', type: bigint },
    { name: 'refresh_counter', type: integer },
    { name: 'rotated_at', type: bigint, isNullable: true },
    { name: 'tokens_expire_at', type: bigint },
    { name: 'expires_at', type: bigint },
    { name: 'revoked_at', type: bigint, isNullable: true },
    { name: 'revoked_reason', type: varchar, length: '32', isNullable: true },
    { name: 'revoked_seq', type: bigint, isNullable: true },
  ];
  return new Table({
    name: 'sessions',
    columns,
    foreignKeys: [USER],
    indices: INDICES,
  });
}

function counterTable({ dataSource: { driver } }: QueryRunner): Table {
  return new Table({
    name: 'revocation_counter',
    columns: [
      { name: 'id', type: driver.normalizeType({ type: Number }), isPrimary: true },
      { name: 'value', type: driver.normalizeType({ type: 'bigint' }) },
    ],
  });
}
