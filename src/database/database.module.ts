import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { messageOf } from '../common/error-message.js';
import { DatabaseSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';
import { Database } from './database.js';
import { ExpiringRows } from './expiring-rows.js';
import { migrate, outlastLocks } from './migrate.js';
import { isNoConnection } from './postgres-pool.js';

/** For how long the start tries again to connect, in milliseconds; an attempt begun then is finished. */
const CONNECT_PATIENCE_MS = 4_000;

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [DatabaseSettings],
      useFactory: ({ target, migrateAtStart }: DatabaseSettings) => ({
        ...dataSourceOptions(target),
        autoLoadEntities: true,
        retryAttempts: 0,
        migrateAtStart,
      }),
      dataSourceFactory: openDataSource,
    }),
  ],
  providers: [Database, ExpiringRows],
  exports: [Database, ExpiringRows],
})
export class DatabaseModule {}

async function openDataSource(
  options?: DataSourceOptions & { migrateAtStart?: boolean },
): Promise<DataSource> {
  if (!options) throw new TypeError('No data source options');
  const { migrateAtStart = true, ...rest } = options;
  // Switching a fresh file to WAL takes its lock, and another instance may be doing just that.
  const dataSource = await outlastLocks(() => connect(rest));
  try {
    await migrate(dataSource, migrateAtStart);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

/** A server that is slow to answer, as on a machine that is booting, gets some more attempts. */
async function connect(options: DataSourceOptions): Promise<DataSource> {
  const deadline = performance.now() + CONNECT_PATIENCE_MS;
  for (;;) {
    try {
      return await new DataSource(options).initialize();
    } catch (error) {
      if (options.type !== 'postgres') throw error;
      if (isNoConnection(error) && performance.now() < deadline) continue;
      throw new Error(`The database cannot be reached: ${messageOf(error)}`, { cause: error });
    }
  }
}
