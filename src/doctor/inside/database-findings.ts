import type { MigrationState } from '../../database/applied-migrations.js';
import type { Finding } from '../finding.js';

/** @param runAtStart are they run by the service itself? */
export function migrationFindings(
  { pending, unknown }: MigrationState,
  runAtStart: boolean,
): Finding[] {
  if (unknown.length > 0) {
    return [
      {
        id: 'database_newer',
        severity: 'serious',
        what: `The database is from a newer latchkey: ${unknown.length} of its migrations are unknown here`,
        why: 'This program does not know what its columns mean',
        do: 'Run the version that made it, or restore the backup from before the upgrade',
      },
    ];
  }
  if (pending.length === 0) return [];
  return [
    {
      id: 'migrations_pending',
      severity: runAtStart ? 'warning' : 'serious',
      what: `${pending.length} migrations are pending`,
      why: runAtStart
        ? 'The next start runs them, and older versions do not know the result'
        : 'With DATABASE_MIGRATE=false the service does not start',
      do: runAtStart ? 'Back up before the next start' : 'Back up, then npm run migration:run',
    },
  ];
}

export function clockFinding(what: string): Finding {
  return {
    id: 'clock_off',
    severity: 'warning',
    what,
    why: 'Tokens are refused as not yet valid or expired, and limits last too long or too short',
    do: 'Set the clock of this machine by NTP (timedatectl)',
  };
}
