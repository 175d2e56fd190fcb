import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a session's tokens allow; null for sessions from before there were scopes. */
export class AddSessionScope1795400003000 implements MigrationInterface {
  name = 'AddSessionScope1795400003000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE sessions ADD COLUMN scope varchar');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE sessions DROP COLUMN scope');
  }
}
