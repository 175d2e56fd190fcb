import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { messageOf } from '../common/error-message.js';
import { DatabaseSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';
import { Counters } from './counters.js';
import { Database } from './database.js';
import { ExpiringRows } from './expiring-rows.js';
import { migrate, outlastLocks } from './migrate.js';

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
  providers: [Counters, Database, ExpiringRows],
  exports: [Counters, Database, ExpiringRows],
})
export class DatabaseModule {}

async function openDataSource(
  options?: DataSourceOptions & { migrateAtStart?: boolean },
): Promise<DataSource> {
  if (!options) throw new TypeError('No data source options');
  const { migrateAtStart = true, ...rest } = options;
  // Turning a fresh file to WAL takes its lock, and another instance may be doing just that.
  const dataSource = await outlastLocks(() => connect(rest));
  try {
    await migrate(dataSource, migrateAtStart);
    return dataSource;
  } catch (error) {
    await dataSource.destroy();
    throw error;
  }
}

async function connect(options: DataSourceOptions): Promise<DataSource> {
  try {
    return await new DataSource(options).initialize();
  } catch (error) {
    if (options.type !== 'postgres') throw error;
    throw new Error(`The database cannot be reached: ${messageOf(error)}`, { cause: error });
  }
}
