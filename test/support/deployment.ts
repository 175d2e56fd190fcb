import BetterSqlite3 from 'better-sqlite3';
import type { PostgresServer } from './postgres.js';
import { type Finished, runCli, type ServiceProcess, startService } from './processes.js';
import { TemporaryFolder } from './temporary-folder.js';

type Environment = Record<string, string>;
type Row = Record<string, unknown>;

/** Instances of the built service on one database, as an operator runs them. */
export class Deployment {
  private constructor(
    readonly instances: ServiceProcess[],
    private readonly folder: TemporaryFolder,
    private readonly environment: Environment,
    /** Runs SQL beside the service. @returns the rows of its last statement */
    readonly query: (sql: string) => Promise<Row[]>,
  ) {}

  static onSqlite(count: number, environment: Environment = {}): Promise<Deployment> {
    const folder = new TemporaryFolder();
    const query = (statement: string) => Promise.resolve(queryFile(folder, statement));
    return Deployment.start(count, folder, environment, query);
  }

  static async onPostgres(
    count: number,
    server: PostgresServer,
    name: string,
    environment: Environment = {},
  ): Promise<Deployment> {
    const DATABASE_URL = await server.createDatabase(name);
    const query = (statement: string) => server.query(name, statement);
    return Deployment.start(count, new TemporaryFolder(), { ...environment, DATABASE_URL }, query);
  }

  private static async start(
    count: number,
    folder: TemporaryFolder,
    environment: Environment,
    query: (sql: string) => Promise<Row[]>,
  ): Promise<Deployment> {
    const starting = Array.from({ length: count }, () => startService(folder, environment));
    return new Deployment(await Promise.all(starting), folder, environment, query);
  }

  get urls(): string[] {
    return this.instances.map(({ url }) => url);
  }

  /** The one that a load balancer would pick for the n-th request. */
  urlOf(n: number): string {
    return this.urls[n % this.urls.length]!;
  }

  cli(args: string[], input = ''): Promise<Finished> {
    return runCli(this.folder, args, { ...this.environment, input });
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((service) => service.end()));
    this.folder.remove();
  }
}

function queryFile(folder: TemporaryFolder, statement: string): Row[] {
  const database = new BetterSqlite3(folder.join('users.db'), { fileMustExist: true });
  try {
    const prepared = database.prepare<[], Row>(statement);
    if (prepared.reader) return prepared.all();
    prepared.run();
    return [];
  } finally {
    database.close();
  }
}
