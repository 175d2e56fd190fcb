import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import * as z from 'zod';
import { parseDatabaseUrl } from './database-url.js';

/** Keys that anyone can read in the tutorial and in FastAPI's documentation. */
export const PUBLISHED_KEYS = [
  '11edc58a2784b9b5a6dd6deacc6d2f111ab4ab08a3ec06d9b66fd2e9b8830cb9',
  '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7',
];

const ALGORITHMS = ['HS256', 'HS384', 'HS512', 'RS256', 'PS256', 'ES256'] as const;

const REGISTRATIONS = ['open', 'invite', 'closed'] as const;

const VERIFICATIONS = ['optional', 'required'] as const;

/** Names that look as if they spoke for the service. */
const RESERVED_USERNAMES =
  'admin,administrator,root,system,support,security,help,info,me,noreply,no-reply,postmaster,hostmaster,webmaster,abuse,latchkey';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** A variable that is set but empty counts as not set. */
const orDefault = <T extends z.ZodType>(schema: T, fallback: string) =>
  z.preprocess((value) => (value === undefined || value === '' ? fallback : value), schema);

const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === undefined || value === '' ? null : value), schema.nullable());

const matching = (pattern: RegExp, message: string) => z.string().regex(pattern, message);

const integer = (min: number, max: number) =>
  matching(/^\d{1,9}$/, `expected a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `expected a whole number from ${min} to ${max}`);

const boolean = z
  .enum(['true', 'false'], 'expected true or false')
  .transform((value) => value === 'true');

const list = (isItem: (item: string) => boolean, message: string) =>
  z
    .string()
    .transform((value) => value.split(',').map((item) => item.trim()))
    .transform((items) => items.filter((item) => item !== ''))
    .refine((items) => items.every(isItem), message);

const absoluteUrl = z
  .string()
  .refine(isAbsoluteUrl, 'expected an absolute http or https URL without query and fragment');

const decimal = (min: number, max: number, message: string) =>
  matching(/^(\d{1,4}(\.\d{1,9})?|\.\d{1,9})$/, message)
    .transform(Number)
    .refine((n) => n >= min && n <= max, message);

const LIMIT =
  'expected a number of wrong passwords and of seconds, such as 5/300, up to 100000/86400, or 0 for no limit';

/** Null for no limit. */
const attemptLimit = matching(/^(0|[1-9]\d{0,5}\/[1-9]\d{0,4})$/, LIMIT)
  .transform((value) => value.split('/').map(Number))
  .refine(([most = 0, seconds = 0]) => most <= 100_000 && seconds <= 86_400, LIMIT)
  .transform(([most = 0, seconds]) => (seconds ? { most, window: seconds * 1000 } : null));

const LONG_ENOUGH = 'expected at least 32 bytes; make one with: npm run -s cli -- secret generate';

const OF_YOUR_OWN =
  'expected a key of your own: this one is published in a tutorial; make one with: npm run -s cli -- secret generate';

const secretKey = z.string(LONG_ENOUGH).refine((key) => Buffer.byteLength(key) >= 32, LONG_ENOUGH);

/** `auto`, which is one process for each available core, or a number. */
const workers = matching(
  /^(auto|[1-9]\d?)$/,
  'expected a whole number from 1 to 99, or auto',
).transform((value) => (value === 'auto' ? availableParallelism() : Number(value)));

/** More than zero: the smallest number accepted here. */
const SOME = 1e-9;

const smtpUrl = z
  .string()
  .refine(
    isSmtpUrl,
    'expected smtp://user:password@host:587 or smtps://user:password@host, without a path',
  );

const mailAddress = z
  .string()
  .regex(
    /^([^<>@\p{Cc}]{0,100} <[^<>@\s]{1,64}@[^<>@\s]{1,190}>|[^<>@\s]{1,64}@[^<>@\s]{1,190})$/u,
    'expected an address such as latchkey@example.com or latchkey <latchkey@example.com>',
  );

const shortText = (max: number) =>
  matching(/^[^\p{Cc}\p{Zl}\p{Zp}<>]+$/u, `expected 1 to ${max} characters of one line`).max(
    max,
    `expected 1 to ${max} characters of one line`,
  );

const METRICS_TOKEN = 'expected at least 32 characters out of A-Z a-z 0-9 - . _ ~ + /';

const collectorUrl = z
  .string()
  .refine(
    (value) => /^https?:\/\//i.test(value) && URL.canParse(value),
    'expected an http or https URL',
  );

const databaseUrl = z.string().transform((value, context) => {
  const target = parseDatabaseUrl(value);
  if (target) return target;
  context.addIssue(
    'expected sqlite:///relative.db, sqlite:////absolute.db, sqlite:// (memory) or postgresql://user:password@host/name',
  );
  return z.NEVER;
});

/** Every variable latchkey reads, its default, and what it takes. docs/configuration.md says what each is for. */
export const envSchema = z
  .object({
    NODE_ENV: z.string().optional(),
    SECRET_KEY: secretKey,
    SECRET_KEY_PREVIOUS: optional(secretKey),
    ALGORITHM: orDefault(z.enum(ALGORITHMS, `expected one of ${ALGORITHMS.join(', ')}`), 'HS256'),
    KEY_PUBLISH_SECONDS: orDefault(integer(0, 604_800), '600'),
    ACCESS_TOKEN_EXPIRE_MINUTES: orDefault(
      decimal(SOME, 1440, 'expected a positive number of minutes up to 1440'),
      '15',
    ),
    REFRESH_TOKEN_EXPIRE_DAYS: orDefault(
      decimal(0, 3650, 'expected a number of days up to 3650, or 0 for no refresh tokens'),
      '30',
    ),
    SESSION_MAX_DAYS: orDefault(
      decimal(SOME, 3650, 'expected a positive number of days up to 3650'),
      '90',
    ),
    REFRESH_REUSE_SECONDS: orDefault(integer(0, 300), '10'),
    DATABASE_URL: orDefault(databaseUrl, 'sqlite:///users.db'),
    DATABASE_MIGRATE: orDefault(boolean, 'true'),
    HOST: orDefault(matching(/^[\w.:-]+$/, 'expected a host name or an address'), '127.0.0.1'),
    PORT: orDefault(integer(0, 65_535), '8000'),
    WORKERS: orDefault(workers, '1'),
    MAX_CONNECTIONS: orDefault(integer(1, 1_000_000), '5000'),
    ISSUER: optional(absoluteUrl),
    AUDIENCE: optional(absoluteUrl),
    CORS_ORIGINS: orDefault(
      list(isOrigin, 'expected origins such as https://app.example.com, without a path; not *'),
      '',
    ),
    TRUSTED_PROXIES: orDefault(
      list(
        isAddressRange,
        'expected addresses or CIDR ranges such as 10.0.0.0/8, and not all there are (/0)',
      ),
      '',
    ),
    BCRYPT_COST: orDefault(integer(10, 15), '12'),
    LOGIN_LIMIT_PAIR: orDefault(attemptLimit, '5/300'),
    LOGIN_LIMIT_USERNAME: orDefault(attemptLimit, '100/3600'),
    LOGIN_LIMIT_ADDRESS: orDefault(attemptLimit, '30/300'),
    PASSWORD_MIN_LENGTH: orDefault(integer(8, 128), '8'),
    PWNED_PASSWORDS: orDefault(
      z.enum(['on', 'off'], 'expected on or off').transform((value) => value === 'on'),
      'off',
    ),
    PWNED_PASSWORDS_URL: orDefault(absoluteUrl, 'https://api.pwnedpasswords.com/range/'),
    REGISTRATION: optional(z.enum(REGISTRATIONS, `expected one of ${REGISTRATIONS.join(', ')}`)),
    RESERVED_USERNAMES: orDefault(
      list((item) => item.length <= 64, 'expected names of up to 64 characters'),
      RESERVED_USERNAMES,
    ),
    EMAIL_VERIFICATION: orDefault(
      z.enum(VERIFICATIONS, `expected one of ${VERIFICATIONS.join(', ')}`),
      'optional',
    ),
    APP_NAME: orDefault(shortText(64), 'latchkey'),
    APP_URL: optional(absoluteUrl),
    SMTP_URL: optional(smtpUrl),
    MAIL_FROM: optional(mailAddress),
    MAIL_DIR: orDefault(z.string(), 'mail'),
    MAIL_TEMPLATES: optional(z.string()),
    AUDIT_DAYS: orDefault(integer(1, 3650), '365'),
    LOG_LEVEL: orDefault(z.enum(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`), 'info'),
    DOCS_ENABLED: orDefault(boolean, 'true'),
    METRICS_TOKEN: optional(matching(/^[\w\-.~+/]{32,1024}=*$/, METRICS_TOKEN)),
    METRICS_PORT: optional(integer(0, 65_535)),
    METRICS_HOST: orDefault(
      matching(/^[\w.:-]+$/, 'expected a host name or an address'),
      '127.0.0.1',
    ),
    // Of OpenTelemetry's own variables those that say whether there are traces at all; the SDK reads the rest.
    OTEL_SDK_DISABLED: optional(z.string()),
    OTEL_TRACES_EXPORTER: optional(z.string()),
    OTEL_EXPORTER_OTLP_ENDPOINT: optional(collectorUrl),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: optional(collectorUrl),
    OTEL_EXPORTER_OTLP_PROTOCOL: optional(z.string()),
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: optional(z.string()),
  })
  .superRefine(({ SMTP_URL, MAIL_FROM, APP_URL }, context) => {
    if (SMTP_URL === null) return;
    for (const [name, value] of Object.entries({ MAIL_FROM, APP_URL })) {
      if (value !== null) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'expected, because SMTP_URL is set',
      });
    }
  })
  .superRefine(({ WORKERS, DATABASE_URL }, context) => {
    if (WORKERS === 1 || DATABASE_URL.type !== 'sqlite' || DATABASE_URL.path !== ':memory:') return;
    const message = 'expected 1, because each process would have a database in memory of its own';
    context.addIssue({ code: 'custom', path: ['WORKERS'], message });
  })
  .superRefine(({ NODE_ENV, ...keys }, context) => {
    if (NODE_ENV !== 'production') return;
    for (const name of ['SECRET_KEY', 'SECRET_KEY_PREVIOUS'] as const) {
      if (!PUBLISHED_KEYS.includes(keys[name] ?? '')) continue;
      context.addIssue({ code: 'custom', path: [name], message: OF_YOUR_OWN });
    }
  });

export type Env = z.output<typeof envSchema>;

function isAbsoluteUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, search, hash, username } = new URL(value);
  return /^https?:$/.test(protocol) && search === '' && hash === '' && username === '';
}

function isSmtpUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, search, hash } = new URL(value);
  return (
    /^smtps?:$/.test(protocol) && hostname !== '' && /^\/?$/.test(pathname) && search + hash === ''
  );
}

function isOrigin(value: string): boolean {
  return isAbsoluteUrl(value) && new URL(value).origin === value;
}

function isAddressRange(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return (
    prefix === undefined ||
    (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128))
  );
}
