import { DataSource } from 'typeorm';
import { Client } from '../../src/clients/client.entity.js';
import { Instrumentation } from '../../src/common/instrumentation.js';
import { parseDatabaseUrl } from '../../src/config/database-url.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
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
