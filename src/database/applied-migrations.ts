import { MIGRATIONS } from './migrations.js';

/** How the migrations applied to a database compare with those of this program. */
export interface MigrationState {
  /** Of this program, and not of the database. */
  pending: string[];
  /** Of the database, and not of this program: it is newer. */
  unknown: string[];
}

/** @param applied the names in the table `migrations` */
export function compareMigrations(applied: readonly string[]): MigrationState {
  const known = MIGRATIONS.map(({ name }) => name);
  return {
    pending: known.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !known.includes(name)),
  };
}
