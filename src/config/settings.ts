import type { Env } from './env.schema.js';
import type { DatabaseTarget } from './database-url.js';

/** The configuration in the groups its readers want; each is an injectable value. */
export class HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly docsEnabled: boolean;
  /** How many connections this process has open at most. */
  readonly maxConnections: number;

  constructor(env: Env) {
    this.host = env.HOST;
    this.port = env.PORT;
    this.corsOrigins = env.CORS_ORIGINS;
    this.trustedProxies = env.TRUSTED_PROXIES;
    this.docsEnabled = env.DOCS_ENABLED;
    this.maxConnections = Math.ceil(env.MAX_CONNECTIONS / env.WORKERS);
  }
}

/** `SECRET_KEY`, and the previous one, whose tokens are still accepted. */
export class SecretSettings {
  readonly secretKey: string;
  readonly previousSecretKey: string | null;

  constructor(env: Env) {
    this.secretKey = env.SECRET_KEY;
    this.previousSecretKey = env.SECRET_KEY_PREVIOUS;
  }
}

export class TokenSettings {
  readonly algorithm: Env['ALGORITHM'];
  /** How long a new key is published before it signs, in milliseconds. */
  readonly keyPublishTime: number;
  /** Whole seconds, at least one. */
  readonly accessTokenLifetime: number;
  readonly issuer: string;
  readonly audience: string;

  constructor(env: Env) {
    this.algorithm = env.ALGORITHM;
    this.keyPublishTime = env.KEY_PUBLISH_SECONDS * 1000;
    this.accessTokenLifetime = Math.max(1, Math.round(env.ACCESS_TOKEN_EXPIRE_MINUTES * 60));
    this.issuer = env.ISSUER ?? `http://${urlHost(env.HOST)}:${env.PORT}`;
    this.audience = env.AUDIENCE ?? this.issuer;
  }
}

const DAY_MS = 86_400_000;

/** Times in milliseconds. */
export class SessionSettings {
  /** How long a session lives without a refresh; 0: there are no refresh tokens. */
  readonly idleLifetime: number;
  /** How long a session lives at most, a second or more: an access token has whole seconds. */
  readonly longestLifetime: number;
  /** How long after a rotation the token before it still gets the same successor. */
  readonly reuseWindow: number;

  constructor(env: Env) {
    this.idleLifetime = Math.ceil(env.REFRESH_TOKEN_EXPIRE_DAYS * DAY_MS);
    this.longestLifetime = Math.max(1000, Math.ceil(env.SESSION_MAX_DAYS * DAY_MS));
    this.reuseWindow = env.REFRESH_REUSE_SECONDS * 1000;
  }
}

export class DatabaseSettings {
  readonly target: DatabaseTarget;
  readonly migrateAtStart: boolean;

  constructor(env: Env) {
    this.target = env.DATABASE_URL;
    this.migrateAtStart = env.DATABASE_MIGRATE;
  }
}

export class HashingSettings {
  /** log2 of bcrypt's rounds. */
  readonly bcryptCost: number;

  constructor(env: Env) {
    this.bcryptCost = env.BCRYPT_COST;
  }
}

export class WorkerSettings {
  /** How many processes share the machine. */
  readonly count: number;

  constructor(env: Env) {
    this.count = env.WORKERS;
  }
}

/** How many wrong passwords are too many. */
export interface AttemptLimit {
  most: number;
  /** How long they count, from the first on, in milliseconds. */
  window: number;
}

/** Null for no limit. */
export class AttemptSettings {
  /** For a user from one address. */
  readonly pair: AttemptLimit | null;
  /** For a user, from any address. */
  readonly username: AttemptLimit | null;
  /** From one address, for any user. */
  readonly address: AttemptLimit | null;

  constructor(env: Env) {
    this.pair = env.LOGIN_LIMIT_PAIR;
    this.username = env.LOGIN_LIMIT_USERNAME;
    this.address = env.LOGIN_LIMIT_ADDRESS;
  }
}

export class PasswordSettings {
  /** Code points. */
  readonly minLength: number;
  /** Queried for passwords known from a breach; null where the check is off. */
  readonly pwnedPasswordsUrl: string | null;
  /** What nobody's password should be: the service's name. */
  readonly appName: string;

  constructor(env: Env) {
    this.minLength = env.PASSWORD_MIN_LENGTH;
    this.pwnedPasswordsUrl = env.PWNED_PASSWORDS ? env.PWNED_PASSWORDS_URL : null;
    this.appName = env.APP_NAME;
  }
}

export class RegistrationSettings {
  /** Who may sign up: anyone, invited people, nobody. */
  readonly registration: 'open' | 'invite' | 'closed';
  /** Does a sign-up have to verify its address first? */
  readonly isVerificationRequired: boolean;
  /** Names that can't be had by signing up. */
  readonly reservedUsernames: readonly string[];

  constructor(env: Env) {
    this.registration = env.REGISTRATION ?? (isProduction(env) ? 'closed' : 'open');
    this.isVerificationRequired = env.EMAIL_VERIFICATION === 'required';
    this.reservedUsernames = env.RESERVED_USERNAMES;
  }
}

export class MailSettings {
  /** Null: messages are files in `directory`, or in production wait until there is a server. */
  readonly smtpUrl: string | null;
  readonly directory: string | null;
  readonly from: string;
  /** What the service is called in messages. */
  readonly appName: string;
  /** The page that the links in messages lead to. */
  readonly appUrl: string;
  /** A folder whose templates take precedence over latchkey's own; null where there is none. */
  readonly templates: string | null;

  constructor(env: Env) {
    this.smtpUrl = env.SMTP_URL;
    this.directory = isProduction(env) ? null : env.MAIL_DIR;
    this.from = env.MAIL_FROM ?? 'latchkey@localhost';
    this.appName = env.APP_NAME;
    this.appUrl = env.APP_URL ?? 'http://localhost:5173';
    this.templates = env.MAIL_TEMPLATES;
  }
}

export class AuditSettings {
  /** How long an entry of the audit trail is kept, in milliseconds. */
  readonly kept: number;

  constructor(env: Env) {
    this.kept = env.AUDIT_DAYS * DAY_MS;
  }
}

export class LogSettings {
  readonly level: Env['LOG_LEVEL'];

  constructor(env: Env) {
    this.level = env.LOG_LEVEL;
  }
}

export class MetricsSettings {
  /** What a scrape has to send as a bearer token; null where none is required. */
  readonly token: string | null;
  /** A listener of its own; null where metrics are on the main port, or nowhere. */
  readonly port: number | null;
  readonly host: string;

  constructor(env: Env) {
    this.token = env.METRICS_TOKEN;
    this.port = env.METRICS_PORT;
    this.host = env.METRICS_HOST;
  }

  get isOn(): boolean {
    return this.token !== null || this.port !== null;
  }
}

/** What OpenTelemetry's standard variables say of traces. */
export class TracingSettings {
  readonly isOn: boolean;
  /** The variable that asks for something unsupported, so that nothing is sent; null where there is none. */
  readonly unsupported: string | null;

  constructor(env: Env) {
    const isAsked =
      (env.OTEL_EXPORTER_OTLP_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== null &&
      env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
      env.OTEL_TRACES_EXPORTER !== 'none';
    this.unsupported = isAsked ? unsupportedOf(env) : null;
    this.isOn = isAsked && this.unsupported === null;
  }
}

/** The platform may set these for all its programs: what doesn't fit this one is no reason not to start. */
function unsupportedOf(env: Env): string | null {
  if ((env.OTEL_TRACES_EXPORTER ?? 'otlp') !== 'otlp') return 'OTEL_TRACES_EXPORTER';
  const ofTraces = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL;
  const protocol = ofTraces ?? env.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  if (protocol === 'http/protobuf') return null;
  return ofTraces === null ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL';
}

function isProduction({ NODE_ENV }: Env): boolean {
  return NODE_ENV === 'production';
}

/** An IPv6 address is in brackets in a URL (RFC 3986 §3.2.2). */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
