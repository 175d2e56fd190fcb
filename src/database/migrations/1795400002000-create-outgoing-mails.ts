import { Table } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox, and how much mail an address received lately. */
export class CreateOutgoingMails1795400002000 implements MigrationInterface {
  name = 'CreateOutgoingMails1795400002000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.createTable(mailsTable(queryRunner));
    await queryRunner.createTable(allowancesTable(queryRunner));
  }

  /** Mail that is still to be sent is lost. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.dropTable('mail_allowances');
    await queryRunner.dropTable('outgoing_mails');
  }
}

function mailsTable({ dataSource: { driver } }: QueryRunner): Table {
  const varchar = driver.normalizeType({ type: 'varchar' });
  const bigint = driver.normalizeType({ type: 'bigint' });
  const integer = driver.normalizeType({ type: Number });
  const id = { isPrimary: true, isGenerated: true, generationStrategy: 'increment' } as const;
  return new Table({
    name: 'outgoing_mails',
    columns: [
      { name: 'id', type: integer, ...id },
      { name: 'kind', type: varchar, length: '32' },
      { name: 'user_id', type: integer, isNullable: true },
      { name: 'address', type: varchar, length: '254', isNullable: true },
      { name: 'attempts', type: integer },
      { name: 'created_at', type: bigint },
      { name: 'due_at', type: bigint },
    ],
    indices: [{ name: 'ix_outgoing_mails_due_at', columnNames: ['due_at'] }],
  });
}

function allowancesTable({ dataSource: { driver } }: QueryRunner): Table {
  const bigint = driver.normalizeType({ type: 'bigint' });
  const varchar = driver.normalizeType({ type: 'varchar' });
  return new Table({
    name: 'mail_allowances',
    columns: [
      { name: 'address_key', type: varchar, length: '254', isPrimary: true },
      { name: 'last_at', type: bigint },
      { name: 'second_last_at', type: bigint },
      { name: 'third_last_at', type: bigint },
    ],
    indices: [{ name: 'ix_mail_allowances_last_at', columnNames: ['last_at'] }],
  });
}
