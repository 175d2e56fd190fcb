import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { Client } from '../../src/clients/client.entity.js';
import { Instrumentation } from '../../src/common/instrumentation.js';
import { parseDatabaseUrl } from '../../src/config/database-url.js';
import { dataSourceOptions, withoutTimeouts } from '../../src/database/data-source-options.js';
import { Database } from '../../src/database/database.js';
import { migrate } from '../../src/database/migrate.js';
import { MIGRATIONS } from '../../src/database/migrations.js';
import { RevocationCounter } from '../../src/sessions/revocation-counter.entity.js';
import { Session } from '../../src/sessions/session.entity.js';
import { StoredKey } from '../../src/tokens/stored-key.entity.js';
import { User } from '../../src/users/user.entity.js';

/** A database as the service opens it, without the service. */
export interface OpenDatabase {
  dataSource: DataSource;
  database: Database;
}

/**
 * Opens and migrates a database.
 * @param count how many of the migrations to run: 1 is the first release
 */
export async function openDatabase(url: string, count = MIGRATIONS.length): Promise<OpenDatabase> {
  const dataSource = await new DataSource({
    ...dataSourceOptions(parseDatabaseUrl(url)!),
    migrations: MIGRATIONS.slice(0, count),
    entities: [User, Session, RevocationCounter, Client, StoredKey],
  }).initialize();
  await migrate(dataSource, true);
  return { dataSource, database: new Database(dataSource, new Instrumentation()) };
}

/** Takes back every migration but the first, newest first, each as `npm run migration:revert` does. */
export async function revertToFirst(url: string): Promise<void> {
  await asTheCommandLineOpens(url, async (dataSource) => {
    for (let i = 1; i < MIGRATIONS.length; i++) {
      await dataSource.undoLastMigration({ transaction: 'all' });
    }
  });
}

/** What `npm run migration:generate` would write: the statements that the entities ask for. */
export async function missingStatements(url: string): Promise<string[]> {
  return asTheCommandLineOpens(url, async (dataSource) => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  });
}

/** As `src/database/data-source.ts` does for TypeORM's command line. */
async function asTheCommandLineOpens<T>(
  url: string,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const dataSource = await new DataSource({
    ...withoutTimeouts(dataSourceOptions(parseDatabaseUrl(url)!)),
    entities: [fileURLToPath(new URL('../../src/**/*.entity.js', import.meta.url))],
  }).initialize();
  return work(dataSource).finally(() => dataSource.destroy());
}
