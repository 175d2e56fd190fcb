import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { AppModule } from '../../src/server/app.module.js';
import { Clock } from '../../src/common/clock.js';
import { HashingSettings } from '../../src/config/settings.js';
import { configureApp } from '../../src/server/configure-app.js';
import { HttpAdapter } from '../../src/server/http-adapter.js';
import { type NewUser, UsersService } from '../../src/users/users.service.js';
import { FixedClock } from './fixed-clock.js';
import { forgetRootLogger } from './root-logger.js';
import { TemporaryFolder } from './temporary-folder.js';

export const SECRET_KEY = 'a key for the tests alone, 32 bytes and more';
export const ISSUER = 'http://latchkey.test';
export const PASSWORD = 'correct horse';

/** Of hashes, unless a test names one: 60 times as fast as the lowest cost that the configuration accepts. */
export const TEST_COST = 4;

type Environment = Record<string, string>;

/** The whole service in this process, over real HTTP on a real database, with a clock that the test controls. */
export class TestApp {
  constructor(
    readonly app: NestExpressApplication,
    readonly url: string,
    readonly clock: FixedClock,
    readonly folder: TemporaryFolder,
    /** Its `DATABASE_URL`, for another instance on the same database. */
    readonly databaseUrl: string,
  ) {}

  get port(): number {
    return Number(new URL(this.url).port);
  }

  async createUser(user: Partial<NewUser> = {}): Promise<void> {
    await this.app.get(UsersService).create({ username: 'alex', password: PASSWORD, ...user });
  }

  /** Sends a form to the token endpoint, as a browser would. */
  login(
    form: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const body = new URLSearchParams({ username: 'alex', password: PASSWORD, ...form });
    return fetch(`${this.url}/token`, { method: 'POST', body, headers });
  }

  async accessToken(form: Record<string, string> = {}): Promise<string> {
    const { access_token } = (await (await this.login(form)).json()) as { access_token: string };
    return access_token;
  }

  readProfile(token: string): Promise<Response> {
    return fetch(`${this.url}/users/me`, { headers: { Authorization: `Bearer ${token}` } });
  }

  async close(): Promise<void> {
    // Behind a proxy, on PostgreSQL, a shutdown leaves them open as long as their client does: 4 s with fetch.
    this.app.getHttpServer().closeIdleConnections();
    await this.app.close();
    await this.folder.remove();
  }
}

export async function createTestApp(environment: Environment = {}): Promise<TestApp> {
  const folder = new TemporaryFolder();
  const DATABASE_URL = environment.DATABASE_URL ?? (await folder.database()).url;
  const clock = new FixedClock();
  // Its logger is the root from now on.
  forgetRootLogger();
  const testing = Test.createTestingModule({
    imports: [
      await importWith({ ...defaults(folder), DATABASE_URL, ...environment }, folder.join('.env')),
    ],
  });
  testing.overrideProvider(Clock).useValue(clock);
  if (environment.BCRYPT_COST === undefined) {
    testing.overrideProvider(HashingSettings).useValue({ bcryptCost: TEST_COST });
  }
  const compiled = await testing.compile();
  const app = compiled.createNestApplication<NestExpressApplication>(new HttpAdapter(), {
    bodyParser: false,
  });
  configureApp(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    // A failed start leaves no connection to its database.
    await app.close();
    await folder.remove();
    throw error;
  }
  return new TestApp(app, await app.getUrl(), clock, folder, DATABASE_URL);
}

function defaults(folder: TemporaryFolder): Environment {
  return {
    NODE_ENV: 'test',
    SECRET_KEY,
    ISSUER,
    BCRYPT_COST: '10',
    LOG_LEVEL: 'silent',
    MAIL_DIR: folder.join('mail'),
  };
}

/** The configuration is read from the environment while the module is created, and only then. */
async function importWith(environment: Environment, envFile: string) {
  const before = process.env;
  process.env = { ...environment };
  try {
    const module = AppModule.forRoot(envFile);
    for (const imported of module.imports ?? []) await imported;
    return module;
  } finally {
    process.env = before;
  }
}
