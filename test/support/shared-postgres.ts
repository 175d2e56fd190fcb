import { DataSource } from 'typeorm';

export type Row = Record<string, unknown>;

/** The server of this test run (database-server.js). */
interface SharedServer {
  /** A database on it that always exists. */
  url: string;
  /** The prefix of the names of this run's databases. */
  prefix: string;
  /** The name of a database that is up to date. */
  template: string;
}

/** Types of PostgreSQL, by their OIDs, for which SQLite returns a number. */
const NUMBERS: Record<number, (text: string) => number> = {
  16: (text) => (text === 't' ? 1 : 0), // bool
  20: Number, // int8
  21: Number, // int2
  23: Number, // int4
};

const types = { getTypeParser: (type: number) => NUMBERS[type] ?? String };

/** Read immediately: some tests replace the environment. */
const { TEST_POSTGRES } = process.env;

function sharedServer(): SharedServer {
  if (TEST_POSTGRES === undefined) {
    throw new Error('This test has no PostgreSQL server: see jest.config.js');
  }
  return JSON.parse(TEST_POSTGRES) as SharedServer;
}

/**
 * Creates a database on the server of this run: up to date, unless an empty one is requested.
 * @param name one that no other test uses
 * @returns its URL
 */
export async function createDatabase(
  name: string,
  { isEmpty = false }: { isEmpty?: boolean } = {},
): Promise<string> {
  const { url, prefix, template } = sharedServer();
  const address = new URL(url);
  address.pathname = prefix + name;
  const source = isEmpty ? 'template0' : template;
  await onServer(url, `CREATE DATABASE "${prefix}${name}" TEMPLATE "${source}" STRATEGY file_copy`);
  return address.href;
}

/** Drops a database of this run, even if clients are still connected. */
export async function dropDatabase(url: string): Promise<void> {
  const name = new URL(url).pathname.slice(1);
  await onServer(sharedServer().url, `DROP DATABASE "${name}" WITH (FORCE)`);
}

async function onServer(url: string, statement: string): Promise<void> {
  const connection = await connect(url);
  try {
    await connection.query(statement);
  } finally {
    await connection.destroy();
  }
}

/** A connection that returns what SQLite would: numbers for booleans and for integers of any size. */
export function connect(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, extra: { max: 1, types } }).initialize();
}
