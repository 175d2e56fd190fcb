import { resolve } from 'node:path';
import { type DynamicModule, Global, Module, type Provider } from '@nestjs/common';
import { ConfigModule as NestConfigModule } from '@nestjs/config';
import { config as loadEnvFile } from 'dotenv';
import { ConfigError } from './config-error.js';
import { type Env, envSchema } from './env.schema.js';
import * as settings from './settings.js';

const GROUPS = [
  settings.HttpSettings,
  settings.SecretSettings,
  settings.TokenSettings,
  settings.SessionSettings,
  settings.DatabaseSettings,
  settings.HashingSettings,
  settings.WorkerSettings,
  settings.AttemptSettings,
  settings.PasswordSettings,
  settings.RegistrationSettings,
  settings.MailSettings,
  settings.AuditSettings,
  settings.LogSettings,
  settings.MetricsSettings,
  settings.TracingSettings,
];

/** The environment first, then `.env` of the current folder, checked as a whole before anything starts. */
@Global()
@Module({})
export class ConfigModule {
  /** @throws ConfigError that lists all problems at once */
  static async forRoot(envFile = resolve('.env')): Promise<DynamicModule> {
    forgetEmptyVariables();
    let env!: Env;
    // What else `.env` has goes into the environment too: OpenTelemetry's SDK reads its own variables there.
    const validate = (raw: object) => ({ ...raw, ...(env = parseEnv(raw)) });
    const source = await NestConfigModule.forRoot({ envFilePath: envFile, validate });
    const providers = GROUPS.map((Group): Provider => ({
      provide: Group,
      useValue: new Group(env),
    }));
    return { module: ConfigModule, imports: [source], providers, exports: GROUPS };
  }
}

/** @throws ConfigError that lists all problems at once, by variable, with what is expected; never a value */
export function parseEnv(raw: unknown): Env {
  const result = envSchema.safeParse(raw);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  );
}

/**
 * One variable alone, for a program that needs nothing else of the configuration.
 * @throws ConfigError
 */
export function parseVariable<
  Name extends
    | 'ACCESS_TOKEN_EXPIRE_MINUTES'
    | 'APP_NAME'
    | 'BCRYPT_COST'
    | 'DATABASE_URL'
    | 'PASSWORD_MIN_LENGTH',
>(name: Name): Env[Name] {
  const result = envSchema.shape[name].safeParse(readEnvironment()[name]);
  if (result.success) return result.data as Env[Name];
  throw new ConfigError(result.error.issues.map(({ message }) => `${name}: ${message}`));
}

/** `WORKERS`; 1 if it can't be parsed, which is reported with the other problems once all are checked. */
export function readWorkerCount(): number {
  const { parsed } = loadEnvFile({ path: resolve('.env'), quiet: true, processEnv: {} });
  const result = envSchema.shape.WORKERS.safeParse(readSet(process.env.WORKERS) ?? parsed?.WORKERS);
  return result.success ? result.data : 1;
}

/** Set but empty is not set. */
function readSet(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** The variables as they are, for programs that are not Nest applications: the environment first, then `.env`. */
export function readEnvironment(): NodeJS.ProcessEnv {
  forgetEmptyVariables();
  loadEnvFile({ path: resolve('.env'), quiet: true });
  return process.env;
}

/** Set but empty is not set: `.env` may still have it. */
function forgetEmptyVariables(): void {
  for (const name of Object.keys(envSchema.shape)) {
    if (process.env[name] === '') Reflect.deleteProperty(process.env, name);
  }
}
