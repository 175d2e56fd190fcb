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

export class TokenSettings {
  readonly secretKey: string;
  readonly algorithm: Env['ALGORITHM'];
  /** Whole seconds, at least one. */
  readonly accessTokenLifetime: number;
  readonly issuer: string;
  readonly audience: string;

  constructor(env: Env) {
    this.secretKey = env.SECRET_KEY;
    this.algorithm = env.ALGORITHM;
    this.accessTokenLifetime = Math.max(1, Math.round(env.ACCESS_TOKEN_EXPIRE_MINUTES * 60));
    this.issuer = env.ISSUER ?? `http://${urlHost(env.HOST)}:${env.PORT}`;
    this.audience = env.AUDIENCE ?? this.issuer;
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
