import { parseVariable } from '../config/config.module.js';
import { quoteForShell } from '../common/shell-words.js';

const MINUTE_MS = 60_000;

/**
 * Where the database is.
 * @throws ConfigError
 * @throws Error that says what to use instead, for a database that is not a file
 */
export function sqlitePath(command: 'backup' | 'restore'): string {
  const target = parseVariable('DATABASE_URL');
  if (target.type === 'postgres') throw new Error(ownTool(command, target.url));
  if (target.path !== ':memory:') return target.path;
  throw new Error('DATABASE_URL names a database in memory: there is no file of it');
}

/** How long an access token lives by the configuration, in milliseconds. @throws ConfigError */
export function tokenLifetime(): number {
  return Math.max(1000, Math.round(parseVariable('ACCESS_TOKEN_EXPIRE_MINUTES') * MINUTE_MS));
}

/** The command line of PostgreSQL's own program, without the password. */
function ownTool(command: 'backup' | 'restore', url: string): string {
  const { hostname, port, username, pathname } = new URL(url);
  const parts = {
    '--host': hostname,
    '--port': port,
    '--username': decodeURIComponent(username),
    '--dbname': decodeURIComponent(pathname.slice(1)),
  };
  const options = Object.entries(parts)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${quoteForShell(value)}`)
    .join(' ');
  const line =
    command === 'backup'
      ? `pg_dump --format=custom --file=FILE ${options}`
      : `pg_restore --clean --if-exists --exit-on-error ${options} FILE`;
  return `DATABASE_URL names a PostgreSQL database. Use its own program, which asks for the password: ${line}`;
}
