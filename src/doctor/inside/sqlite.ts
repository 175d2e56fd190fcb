import { existsSync, statSync } from 'node:fs';
import type { Database as SqliteHandle } from 'better-sqlite3';
import { compareMigrations } from '../../database/applied-migrations.js';
import { openForReading } from '../../database/sqlite-file.js';
import type { Check, Finding } from '../finding.js';
import { clockFinding, migrationFindings } from './database-findings.js';
import type { Installation } from './installation.js';

/** How large the write-ahead log grows where checkpoints keep up, in bytes. */
const LARGE_LOG_BYTES = 64e6;

/** How far two clocks may be apart, in milliseconds. */
const SKEW_MS = 60_000;

const isSound: Check<Installation> = (installation) =>
  looking(installation, (handle) => {
    const problem = String(handle.pragma('quick_check(1)', { simple: true }));
    if (problem === 'ok') return [];
    return [damaged(`${installation.databaseFile ?? ''} is damaged: ${problem}`)];
  });

const isUpToDate: Check<Installation> = (installation) =>
  looking(installation, (handle) => {
    if (!hasTable(handle, 'migrations')) return migrationFindings(compareMigrations([]), true);
    const applied = handle.prepare('SELECT name FROM migrations').pluck().all() as string[];
    return migrationFindings(
      compareMigrations(applied),
      installation.env.DATABASE_MIGRATE !== false,
    );
  });

const isNotAheadOfTheClock: Check<Installation> = (installation) =>
  looking(installation, (handle) => {
    if (!hasTable(handle, 'sessions')) return [];
    const newest = handle.prepare('SELECT max(last_used_at) FROM sessions').pluck().get();
    const ahead = Number(newest ?? 0) - installation.now;
    if (ahead < SKEW_MS) return [];
    return [clockFinding(`The newest session is from ${Math.round(ahead / 1000)} s in the future`)];
  });

const hasAShortLog: Check<Installation> = ({ databaseFile }) => {
  const log = `${databaseFile ?? ''}-wal`;
  if (databaseFile === undefined || !existsSync(log)) return [];
  const { size } = statSync(log);
  if (size < LARGE_LOG_BYTES) return [];
  return [
    {
      id: 'wal_large',
      severity: 'warning',
      what: `${log} has ${Math.round(size / 1e6)} MB`,
      why: 'It is checkpointed once no reader needs an old snapshot: one has been open for a long time',
      do: 'Find the program that has the database open (a backup, a shell), and end it',
    },
  ];
};

function looking(
  { databaseFile }: Installation,
  look: (handle: SqliteHandle) => Finding[],
): Finding[] {
  if (databaseFile === undefined || !existsSync(databaseFile)) return [];
  const handle = openForReading(databaseFile);
  try {
    return look(handle);
  } catch (error) {
    if (!/^SQLITE_(NOTADB|CORRUPT)/.test(String((error as { code?: unknown }).code))) throw error;
    return [damaged(`${databaseFile} is damaged: ${(error as Error).message}`)];
  } finally {
    handle.close();
  }
}

function hasTable(handle: SqliteHandle, name: string): boolean {
  const sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?";
  return handle.prepare(sql).get(name) !== undefined;
}

function damaged(what: string): Finding {
  return {
    id: 'database_damaged',
    severity: 'serious',
    what,
    why: 'Stored data is lost or wrong, and the damage grows',
    do: 'Stop the service, keep the file, and `latchkey restore` the newest backup',
  };
}

export const sqliteChecks: readonly Check<Installation>[] = [
  isSound,
  isUpToDate,
  isNotAheadOfTheClock,
  hasAShortLog,
];
