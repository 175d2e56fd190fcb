import { dirname, resolve } from 'node:path';
import { type Inspected, inspectEnvironment } from '../../config/inspect-environment.js';

/** The installation in the current folder, as it is. */
export interface Installation extends Inspected {
  folder: string;
  isProduction: boolean;
  /** The file of the database; undefined where it is not a file. */
  databaseFile: string | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** Reads the configuration; creates no `.env` and no database, and runs no migration. */
export function findInstallation(now: number): Installation {
  const inspected = inspectEnvironment();
  const { DATABASE_URL: target, NODE_ENV } = inspected.env;
  const isFile = target?.type === 'sqlite' && target.path !== ':memory:';
  return {
    ...inspected,
    folder: process.cwd(),
    isProduction: NODE_ENV === 'production',
    databaseFile: isFile ? resolve(target.path) : undefined,
    now,
  };
}

/** Where the database's files are created; the current folder where it is not a file. */
export function dataFolder({ databaseFile, folder }: Installation): string {
  return databaseFile === undefined ? folder : dirname(databaseFile);
}
