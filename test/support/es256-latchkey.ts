import bcrypt from 'bcrypt';
import { addUsers } from './add-users.js';
import { PASSWORD } from './create-test-app.js';
import { freePort } from './postgres.js';
import { runCli, type ServiceProcess, startService } from './processes.js';
import { openSession, type TokenAnswer } from './sessions.js';
import { TemporaryFolder } from './temporary-folder.js';

/** The users, all with the same password. */
const USERS = [
  { username: 'alex', full_name: 'Alex Kasai', email: 'alex@example.com' },
  { username: 'sam', full_name: '<img src="x" onerror="alert(1)">' },
  { username: 'kim' },
];

/** The built service at an address that it keeps through stops and starts, with tokens that anyone can verify. */
export class Es256Latchkey {
  private readonly folder = new TemporaryFolder();
  private readonly services: ServiceProcess[] = [];

  private constructor(private readonly environment: Record<string, string>) {}

  static async start(changes: Record<string, string> = {}): Promise<Es256Latchkey> {
    const port = String(await freePort());
    const environment = { ALGORITHM: 'ES256', PORT: port, ISSUER: `http://127.0.0.1:${port}` };
    const latchkey = new Es256Latchkey({ ...environment, ...changes });
    const hashed_password = await bcrypt.hash(PASSWORD, 10);
    await addUsers(
      latchkey.folder,
      USERS.map((user) => ({ ...user, hashed_password, disabled: false })),
    );
    await latchkey.startAgain();
    return latchkey;
  }

  get url(): string {
    return this.environment.ISSUER!;
  }

  /** The route of every finished request, since the first start. */
  get routes(): unknown[] {
    return this.services.flatMap(({ log }) => log.flatMap(({ route }) => route ?? []));
  }

  async startAgain(): Promise<void> {
    this.services.push(await startService(this.folder, this.environment));
  }

  /** Freezes it, with its connections open, or lets it continue. */
  freeze(isFrozen: boolean): void {
    this.services.at(-1)?.child.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.services.at(-1)?.end();
  }

  /** Runs a command. @returns what it prints @throws Error with what it complains about */
  async run(...args: string[]): Promise<string> {
    const changes = { ...this.environment, input: PASSWORD };
    const { status, stdout, stderr } = await runCli(this.folder, args, changes);
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  /** @throws Error unless the login is granted */
  logIn(username = 'alex'): Promise<TokenAnswer> {
    return openSession(this.url, { username });
  }

  /** @throws Error unless it succeeds */
  async send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${this.url}${path}`, { method, ...init });
    if (!response.ok) throw new Error(await response.text());
    return response;
  }

  async remove(): Promise<void> {
    await this.stop();
    await this.folder.remove();
  }
}
