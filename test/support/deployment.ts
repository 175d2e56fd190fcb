import { type Finished, runCli, type ServiceProcess, startService } from './processes.js';
import { sql } from './sql.js';
import { TemporaryFolder } from './temporary-folder.js';
import type { Row } from './test-database.js';

type Environment = Record<string, string>;

/** Instances of the built service on one database, as an operator runs them. */
export class Deployment {
  private constructor(
    readonly instances: ServiceProcess[],
    private readonly folder: TemporaryFolder,
    private readonly environment: Environment,
  ) {}

  /** Starts this many, on one database. */
  static async start(count: number, environment: Environment = {}): Promise<Deployment> {
    const folder = new TemporaryFolder();
    const starting = Array.from({ length: count }, () => startService(folder, environment));
    return new Deployment(await Promise.all(starting), folder, environment);
  }

  get urls(): string[] {
    return this.instances.map(({ url }) => url);
  }

  /** The one that a load balancer would pick for the n-th request. */
  urlOf(n: number): string {
    return this.urls[n % this.urls.length]!;
  }

  /** Runs SQL beside the service. @returns the rows it returns */
  async query(statement: string): Promise<Row[]> {
    return await sql(this.folder, statement);
  }

  cli(args: string[], input = ''): Promise<Finished> {
    return runCli(this.folder, args, { ...this.environment, input });
  }

  async close(): Promise<void> {
    await Promise.all(this.instances.map((service) => service.end()));
    await this.folder.remove();
  }
}
