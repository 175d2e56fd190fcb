import type { Env } from './env.schema.js';
import type { DatabaseTarget } from './database-url.js';

/** The configuration in the groups its readers want; each is an injectable value. */
export class HttpSettings {
  readonly host: string;
  readonly port: number;
  readonly corsOrigins: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly docsEnabled: boolean;

  constructor(env: Env) {
    this.host = env.HOST;
    this.port = env.PORT;
    this.corsOrigins = env.CORS_ORIGINS;
    this.trustedProxies = env.TRUSTED_PROXIES;
    this.docsEnabled = env.DOCS_ENABLED;
  }
}

/** `SECRET_KEY`, and the one before it, whose work is still accepted. */
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

const DAY = 86_400_000;

/** Times in milliseconds. */
export class SessionSettings {
  /** How long a session lives without a refresh; 0: there are no refresh tokens. */
  readonly idleLifetime: number;
  /** How long a session lives at most, a second or more: an access token has whole seconds. */
  readonly longestLifetime: number;
  /** How long after a rotation the token before it still gets the same successor. */
  readonly reuseWindow: number;

  constructor(env: Env) {
    this.idleLifetime = Math.ceil(env.REFRESH_TOKEN_EXPIRE_DAYS * DAY);
    this.longestLifetime = Math.max(1000, Math.ceil(env.SESSION_MAX_DAYS * DAY));
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

export class LogSettings {
  readonly level: Env['LOG_LEVEL'];

  constructor(env: Env) {
    this.level = env.LOG_LEVEL;
  }
}

/** An IPv6 address stands in brackets in a URL (RFC 3986 §3.2.2). */
export function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
