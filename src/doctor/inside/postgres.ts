import { DataSource } from 'typeorm';
import { compareMigrations } from '../../database/applied-migrations.js';
import { dataSourceOptions } from '../../database/data-source-options.js';
import { isLoopbackUrl } from '../addresses.js';
import type { Check, Finding } from '../finding.js';
import { clockFinding, migrationFindings } from './database-findings.js';
import type { Installation } from './installation.js';

/** The oldest one that the PostgreSQL project still supports. */
const OLDEST = 14;

/** How many connections an instance may open: the driver's own limit. */
const POOL = 10;

/** How far two clocks may be apart, in milliseconds. */
const SKEW_MS = 5_000;

export interface Facts {
  version: string;
  now: string;
  connections: string;
  encrypted: boolean | null;
  has_migrations: boolean;
}

const FACTS = `SELECT current_setting('server_version_num') AS version,
  floor(extract(epoch FROM clock_timestamp()) * 1000)::text AS now,
  current_setting('max_connections') AS connections,
  (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS encrypted,
  to_regclass('migrations') IS NOT NULL AS has_migrations`;

const serverIsWell: Check<Installation> = async ({ env }) => {
  const target = env.DATABASE_URL;
  if (target?.type !== 'postgres') return [];
  const dataSource = new DataSource(dataSourceOptions(target));
  try {
    await dataSource.initialize();
  } catch (error) {
    return [unreachable(error)];
  }
  try {
    const asked = Date.now();
    const [facts] = await dataSource.query<[Facts]>(FACTS);
    const skew = Number(facts.now) - (asked + Date.now()) / 2;
    const applied = facts.has_migrations
      ? await dataSource.query<{ name: string }[]>('SELECT name FROM migrations')
      : [];
    const state = compareMigrations(applied.map(({ name }) => name));
    return [
      ...serverFindings(facts, isLoopbackUrl(target.url.replace(/^postgres(ql)?:/, 'http:'))),
      ...(Math.abs(skew) < SKEW_MS
        ? []
        : [clockFinding(`The database's clock is ${Math.round(skew / 1000)} s off this one`)]),
      ...migrationFindings(state, env.DATABASE_MIGRATE !== false),
    ];
  } finally {
    await dataSource.destroy();
  }
};

/** Findings about a server, whatever is in the database. */
export function serverFindings(facts: Facts, isLoopback: boolean): Finding[] {
  const findings: Finding[] = [];
  if (facts.encrypted !== true && !isLoopback) {
    findings.push({
      id: 'postgres_in_the_clear',
      severity: 'serious',
      what: 'The connection to PostgreSQL is not encrypted',
      why: 'Its password, the hashes and the sessions can be read and changed in transit',
      do: 'Add ?sslmode=verify-full to DATABASE_URL, and enable TLS on the server',
    });
  }
  if (Number(facts.version) < OLDEST * 10_000) {
    findings.push({
      id: 'postgres_old',
      severity: 'warning',
      what: `PostgreSQL is version ${Math.floor(Number(facts.version) / 10_000)}`,
      why: `Versions before ${OLDEST} get no security fixes any more`,
      do: 'Upgrade the server',
    });
  }
  if (Number(facts.connections) < 3 * POOL) {
    findings.push({
      id: 'postgres_few_connections',
      severity: 'warning',
      what: `PostgreSQL permits ${facts.connections} connections, and each instance may open ${POOL}`,
      why: 'With three instances, or one being replaced, some find no connection and answer 503',
      do: 'Raise max_connections',
    });
  }
  return findings;
}

/** The message contains the server's words, and no URL. */
function unreachable(error: unknown): Finding {
  return {
    id: 'database_unreachable',
    severity: 'serious',
    what: `PostgreSQL can't be reached: ${(error as Error).message}`,
    why: 'The service answers 503 to everything that needs it',
    do: 'Start the server, or correct DATABASE_URL',
  };
}

export const postgresChecks: readonly Check<Installation>[] = [serverIsWell];
