import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseEnv } from './config.module.js';
import { ConfigError } from './config-error.js';
import {
  HttpSettings,
  MailSettings,
  PasswordSettings,
  RegistrationSettings,
  SecretSettings,
  SessionSettings,
  TokenSettings,
  TracingSettings,
} from './settings.js';

const SECRET_KEY = 'a key of thirty-two bytes or more';
const TUTORIAL_KEY = '11edc58a2784b9b5a6dd6deacc6d2f111ab4ab08a3ec06d9b66fd2e9b8830cb9';
const FASTAPI_KEY = '09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7';

const DEFAULTS = {
  SECRET_KEY_PREVIOUS: null,
  ALGORITHM: 'HS256',
  KEY_PUBLISH_SECONDS: 600,
  ACCESS_TOKEN_EXPIRE_MINUTES: 15,
  REFRESH_TOKEN_EXPIRE_DAYS: 30,
  SESSION_MAX_DAYS: 90,
  REFRESH_REUSE_SECONDS: 10,
  DATABASE_URL: { type: 'sqlite', path: 'users.db' },
  DATABASE_MIGRATE: true,
  HOST: '127.0.0.1',
  PORT: 8000,
  WORKERS: 1,
  MAX_CONNECTIONS: 5000,
  ISSUER: null,
  AUDIENCE: null,
  CORS_ORIGINS: [],
  TRUSTED_PROXIES: [],
  BCRYPT_COST: 12,
  LOGIN_LIMIT_PAIR: { most: 5, window: 300_000 },
  LOGIN_LIMIT_USERNAME: { most: 100, window: 3_600_000 },
  LOGIN_LIMIT_ADDRESS: { most: 30, window: 300_000 },
  PASSWORD_MIN_LENGTH: 8,
  PWNED_PASSWORDS: false,
  PWNED_PASSWORDS_URL: 'https://api.pwnedpasswords.com/range/',
  REGISTRATION: null,
  RESERVED_USERNAMES: [
    ...['admin', 'administrator', 'root', 'system', 'support', 'security', 'help', 'info', 'me'],
    ...['noreply', 'no-reply', 'postmaster', 'hostmaster', 'webmaster', 'abuse', 'latchkey'],
  ],
  EMAIL_VERIFICATION: 'optional',
  APP_NAME: 'latchkey',
  APP_URL: null,
  SMTP_URL: null,
  MAIL_FROM: null,
  MAIL_DIR: 'mail',
  MAIL_TEMPLATES: null,
  AUDIT_DAYS: 365,
  LOG_LEVEL: 'info',
  DOCS_ENABLED: true,
  METRICS_TOKEN: null,
  METRICS_PORT: null,
  METRICS_HOST: '127.0.0.1',
  OTEL_SDK_DISABLED: null,
  OTEL_TRACES_EXPORTER: null,
  OTEL_EXPORTER_OTLP_ENDPOINT: null,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: null,
  OTEL_EXPORTER_OTLP_PROTOCOL: null,
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: null,
};

function problemsOf(environment: Record<string, string | undefined>): string {
  try {
    parseEnv({ SECRET_KEY, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('the configuration', () => {
  it('has a default for everything but the key', () => {
    expect(parseEnv({ SECRET_KEY })).toEqual({ SECRET_KEY, ...DEFAULTS });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, '']));
    expect(parseEnv({ SECRET_KEY, ...empty })).toEqual({ SECRET_KEY, ...DEFAULTS });
  });

  it.each([
    ['SECRET_KEY_PREVIOUS', 'k'.repeat(32), 'k'.repeat(32)],
    ['ALGORITHM', 'HS384', 'HS384'],
    ['ALGORITHM', 'HS512', 'HS512'],
    ['ALGORITHM', 'RS256', 'RS256'],
    ['ALGORITHM', 'PS256', 'PS256'],
    ['ALGORITHM', 'ES256', 'ES256'],
    ['KEY_PUBLISH_SECONDS', '0', 0],
    ['KEY_PUBLISH_SECONDS', '604800', 604_800],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '0.5', 0.5],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '.01', 0.01],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '1440', 1440],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '0', 0],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '0.5', 0.5],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '3650', 3650],
    ['SESSION_MAX_DAYS', '.25', 0.25],
    ['SESSION_MAX_DAYS', '3650', 3650],
    ['REFRESH_REUSE_SECONDS', '0', 0],
    ['REFRESH_REUSE_SECONDS', '300', 300],
    ['DATABASE_MIGRATE', 'false', false],
    ['HOST', '::1', '::1'],
    ['HOST', '0.0.0.0', '0.0.0.0'],
    ['PORT', '0', 0],
    ['PORT', '65535', 65535],
    ['ISSUER', 'https://auth.example.com/realm', 'https://auth.example.com/realm'],
    ['AUDIENCE', 'https://api.example.com', 'https://api.example.com'],
    ['CORS_ORIGINS', 'http://localhost:3000', ['http://localhost:3000']],
    ['CORS_ORIGINS', 'https://a.test, https://b.test', ['https://a.test', 'https://b.test']],
    ['TRUSTED_PROXIES', '127.0.0.1,10.0.0.0/8,::1', ['127.0.0.1', '10.0.0.0/8', '::1']],
    ['TRUSTED_PROXIES', 'fd00::/8', ['fd00::/8']],
    ['BCRYPT_COST', '10', 10],
    ['BCRYPT_COST', '15', 15],
    ['LOGIN_LIMIT_PAIR', '1/1', { most: 1, window: 1_000 }],
    ['LOGIN_LIMIT_USERNAME', '100000/86400', { most: 100_000, window: 86_400_000 }],
    ['LOGIN_LIMIT_ADDRESS', '0', null],
    ['PASSWORD_MIN_LENGTH', '15', 15],
    ['PASSWORD_MIN_LENGTH', '128', 128],
    ['PWNED_PASSWORDS', 'on', true],
    ['PWNED_PASSWORDS', 'off', false],
    ['PWNED_PASSWORDS_URL', 'http://127.0.0.1:9/range', 'http://127.0.0.1:9/range'],
    ['REGISTRATION', 'open', 'open'],
    ['REGISTRATION', 'invite', 'invite'],
    ['REGISTRATION', 'closed', 'closed'],
    ['RESERVED_USERNAMES', 'boss, Chef,,', ['boss', 'Chef']],
    ['RESERVED_USERNAMES', ',', []],
    ['EMAIL_VERIFICATION', 'required', 'required'],
    ['APP_NAME', 'Zoë & Söhne', 'Zoë & Söhne'],
    ['APP_URL', 'https://app.example.com/start', 'https://app.example.com/start'],
    ['MAIL_FROM', 'latchkey@example.com', 'latchkey@example.com'],
    ['MAIL_FROM', 'Zoë, Söhne <a@b.test>', 'Zoë, Söhne <a@b.test>'],
    ['MAIL_DIR', '/var/mail/latchkey', '/var/mail/latchkey'],
    ['MAIL_TEMPLATES', './templates', './templates'],
    ['LOG_LEVEL', 'trace', 'trace'],
    ['LOG_LEVEL', 'silent', 'silent'],
    ['DOCS_ENABLED', 'false', false],
  ])('takes %s=%s', (name, value, expected) => {
    expect(parseEnv({ SECRET_KEY, [name]: value })).toMatchObject({ [name]: expected });
  });

  it.each([
    ['SECRET_KEY', undefined],
    ['SECRET_KEY', ''],
    ['SECRET_KEY', 'k'.repeat(31)],
    ['SECRET_KEY_PREVIOUS', 'k'.repeat(31)],
    ['ALGORITHM', 'none'],
    ['ALGORITHM', 'None'],
    ['ALGORITHM', 'hs256'],
    ['ALGORITHM', 'RS512'],
    ['ALGORITHM', 'ES384'],
    ['ALGORITHM', 'EdDSA'],
    ['KEY_PUBLISH_SECONDS', '-1'],
    ['KEY_PUBLISH_SECONDS', '604801'],
    ['KEY_PUBLISH_SECONDS', '0.5'],
    ['KEY_PUBLISH_SECONDS', '10m'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '0'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '-5'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '1441'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', 'half an hour'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', 'Infinity'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '1e3'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', '30m'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '-1'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '3651'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '3650.5'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', '30d'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', 'never'],
    ['SESSION_MAX_DAYS', '0'],
    ['SESSION_MAX_DAYS', '0.0'],
    ['SESSION_MAX_DAYS', '-90'],
    ['SESSION_MAX_DAYS', '3651'],
    ['SESSION_MAX_DAYS', 'Infinity'],
    ['REFRESH_REUSE_SECONDS', '301'],
    ['REFRESH_REUSE_SECONDS', '-1'],
    ['REFRESH_REUSE_SECONDS', '1.5'],
    ['AUDIT_DAYS', '0'],
    ['AUDIT_DAYS', '3651'],
    ['AUDIT_DAYS', '0.5'],
    ['DATABASE_URL', 'mysql://user:secret-pw@host/name'],
    ['DATABASE_URL', 'users.db'],
    ['DATABASE_URL', 'sqlite:users.db'],
    ['DATABASE_URL', 'postgresql://user:100%secret-pw@host/name'],
    ['DATABASE_URL', 'postgresql://user:secret-pw@'],
    ['DATABASE_MIGRATE', 'no'],
    ['HOST', 'local host'],
    ['HOST', 'http://127.0.0.1'],
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '0x50'],
    ['ISSUER', 'latchkey'],
    ['ISSUER', '/auth'],
    ['AUDIENCE', 'api.example.com'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://app.example.com/'],
    ['CORS_ORIGINS', 'https://app.example.com/path'],
    ['CORS_ORIGINS', 'https://app.example.com,*'],
    ['CORS_ORIGINS', 'app.example.com'],
    ['CORS_ORIGINS', 'null'],
    ['TRUSTED_PROXIES', 'proxy.example.com'],
    ['TRUSTED_PROXIES', 'loopback'],
    ['TRUSTED_PROXIES', 'true'],
    ['TRUSTED_PROXIES', '10.0.0.0/33'],
    ['TRUSTED_PROXIES', '0.0.0.0/0'],
    ['TRUSTED_PROXIES', '10.0.0.0/8/8'],
    ['TRUSTED_PROXIES', '::1/129'],
    ['BCRYPT_COST', '9'],
    ['BCRYPT_COST', '16'],
    ['BCRYPT_COST', '12.5'],
    ['LOGIN_LIMIT_PAIR', 'off'],
    ['LOGIN_LIMIT_PAIR', '5'],
    ['LOGIN_LIMIT_PAIR', '5/0'],
    ['LOGIN_LIMIT_PAIR', '0/300'],
    ['LOGIN_LIMIT_PAIR', '5/5m'],
    ['LOGIN_LIMIT_PAIR', '5/300/1'],
    ['LOGIN_LIMIT_USERNAME', '-1/300'],
    ['LOGIN_LIMIT_USERNAME', '100001/300'],
    ['LOGIN_LIMIT_ADDRESS', '30/86401'],
    ['LOGIN_LIMIT_ADDRESS', '1.5/300'],
    ['PASSWORD_MIN_LENGTH', '7'],
    ['PASSWORD_MIN_LENGTH', '129'],
    ['PASSWORD_MIN_LENGTH', '8.5'],
    ['PWNED_PASSWORDS', 'true'],
    ['PWNED_PASSWORDS_URL', 'api.pwnedpasswords.com'],
    ['PWNED_PASSWORDS_URL', 'https://api.test/range?mode=ntlm'],
    ['REGISTRATION', 'yes'],
    ['REGISTRATION', 'Open'],
    ['RESERVED_USERNAMES', 'x'.repeat(65)],
    ['EMAIL_VERIFICATION', 'true'],
    ['APP_NAME', 'two\nlines'],
    ['APP_NAME', '<b>'],
    ['APP_NAME', 'x'.repeat(65)],
    ['APP_URL', 'app.example.com'],
    ['APP_URL', 'javascript:alert(1)'],
    ['APP_URL', 'https://user@app.example.com'],
    ['APP_URL', 'https://app.example.com/#start'],
    ['MAIL_FROM', 'nobody'],
    ['MAIL_FROM', 'a@b.test\r\nBcc: c@d.test'],
    ['MAIL_FROM', 'A <a@b.test>, B <b@b.test>'],
    ['LOG_LEVEL', 'verbose'],
    ['LOG_LEVEL', 'INFO'],
    ['DOCS_ENABLED', 'yes'],
    ['DOCS_ENABLED', '1'],
  ])('refuses %s=%s, and says what is expected', (name, value) => {
    const lines = problemsOf({ [name]: value }).split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(new RegExp(`^ {2}${name}: expected .`));
  });

  it('lists all problems at once, a line each, and repeats no value', () => {
    const secrets = {
      SECRET_KEY: 'too short a key',
      SECRET_KEY_PREVIOUS: 'another short one',
      DATABASE_URL: 'mysql://user:secret-pw@host/x',
    };
    const message = problemsOf({ ...secrets, ALGORITHM: 'none', PORT: 'http', LOG_LEVEL: 'loud' });
    const named = message.split('\n').slice(1);
    expect(named.map((line) => line.trim().split(':')[0])).toEqual([
      'SECRET_KEY',
      'SECRET_KEY_PREVIOUS',
      'ALGORITHM',
      'DATABASE_URL',
      'PORT',
      'LOG_LEVEL',
    ]);
    expect(message).not.toMatch(/too short a key|another short one|secret-pw|loud/);
  });

  it.each(['SECRET_KEY', 'SECRET_KEY_PREVIOUS'])(
    'counts the bytes of %s, not its characters',
    (name) => {
      expect(problemsOf({ [name]: 'é'.repeat(16) })).toBe('');
      expect(problemsOf({ [name]: 'é'.repeat(15) })).toContain(`${name}: expected`);
    },
  );

  it.each([
    ['SECRET_KEY', 'the tutorial', TUTORIAL_KEY],
    ['SECRET_KEY', "FastAPI's documentation", FASTAPI_KEY],
    ['SECRET_KEY_PREVIOUS', 'the tutorial', TUTORIAL_KEY],
    ['SECRET_KEY_PREVIOUS', "FastAPI's documentation", FASTAPI_KEY],
  ])('refuses as %s the key published in %s, in production only', (name, _, key) => {
    expect(problemsOf({ [name]: key, NODE_ENV: 'development' })).toBe('');
    expect(problemsOf({ [name]: key })).toBe('');
    const message = problemsOf({ [name]: key, NODE_ENV: 'production' });
    expect(message).toContain(`${name}: expected a key of your own`);
    expect(message).not.toContain(key);
  });
});

describe('SMTP_URL', () => {
  const MAIL = { MAIL_FROM: 'latchkey@example.com', APP_URL: 'https://app.example.com' };

  it.each([
    'smtp://localhost',
    'smtp://localhost:1025/',
    'smtps://user:p%40ss@mail.example.com',
    'smtp://user:password@[::1]:587',
  ])('may be %s', (SMTP_URL) => {
    expect(parseEnv({ SECRET_KEY, ...MAIL, SMTP_URL }).SMTP_URL).toBe(SMTP_URL);
  });

  it.each([
    'mail.example.com:587',
    'http://mail.example.com',
    'smtp://',
    'smtp://host/path',
    'smtp://host?secure=true',
    'smtp://user:secret-pw@host/path',
  ])('may not be %s, which is not repeated', (SMTP_URL) => {
    const message = problemsOf({ ...MAIL, SMTP_URL });
    expect(message).toMatch(/^ {2}SMTP_URL: expected smtp:/m);
    expect(message).not.toContain('secret-pw');
  });

  it('demands who the mail is from, and where its links lead', () => {
    const SMTP_URL = 'smtp://localhost';
    const lines = problemsOf({ SMTP_URL }).split('\n').slice(1);
    expect(lines).toEqual([
      '  MAIL_FROM: expected, because SMTP_URL is set',
      '  APP_URL: expected, because SMTP_URL is set',
    ]);
    const { MAIL_FROM, APP_URL } = MAIL;
    expect(problemsOf({ SMTP_URL, MAIL_FROM })).toMatch(/\n {2}APP_URL: expected, because/);
    expect(problemsOf({ SMTP_URL, APP_URL })).toMatch(/\n {2}MAIL_FROM: expected, because/);
    expect(problemsOf({ ...MAIL, SMTP_URL })).toBe('');
  });
});

describe('a number in the configuration', () => {
  const NUMBERS = [
    ['KEY_PUBLISH_SECONDS', 0, 604_800, 'whole'],
    ['ACCESS_TOKEN_EXPIRE_MINUTES', 1e-9, 1440, 'decimal'],
    ['REFRESH_TOKEN_EXPIRE_DAYS', 0, 3650, 'decimal'],
    ['SESSION_MAX_DAYS', 1e-9, 3650, 'decimal'],
    ['REFRESH_REUSE_SECONDS', 0, 300, 'whole'],
    ['PORT', 0, 65_535, 'whole'],
    ['BCRYPT_COST', 10, 15, 'whole'],
    ['PASSWORD_MIN_LENGTH', 8, 128, 'whole'],
    ['AUDIT_DAYS', 1, 3650, 'whole'],
  ] as const;
  const numberText = fc.stringMatching(/^-?[0-9]{0,6}(\.[0-9]{0,10})?(e-?[0-9])?$/);
  const text = fc.oneof(fc.string(), numberText, fc.double().map(String), fc.integer().map(String));

  it.each(NUMBERS)('%s is accepted from %d to %d (%s), and in no other notation', (...row) => {
    const [name, min, max, kind] = row;
    const form = kind === 'whole' ? /^\d{1,9}$/ : /^(\d{1,4}(\.\d{1,9})?|\.\d{1,9})$/;
    fc.assert(
      fc.property(fc.oneof(text, fc.integer({ min: Math.ceil(min), max }).map(String)), (value) => {
        fc.pre(value !== '');
        const good = form.test(value) && Number(value) >= min && Number(value) <= max;
        if (good) expect(parseEnv({ SECRET_KEY, [name]: value })[name]).toBe(Number(value));
        else expect(problemsOf({ [name]: value })).toContain(`${name}: expected`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the database URL', () => {
  it.each([
    ['sqlite:///relative.db', { type: 'sqlite', path: 'relative.db' }],
    ['sqlite:///./data/users.db', { type: 'sqlite', path: './data/users.db' }],
    ['sqlite:////srv/absolute.db', { type: 'sqlite', path: '/srv/absolute.db' }],
    ['sqlite://', { type: 'sqlite', path: ':memory:' }],
    ['sqlite:///:memory:', { type: 'sqlite', path: ':memory:' }],
    ['postgresql://u:p@host/name', { type: 'postgres', url: 'postgresql://u:p@host/name' }],
    ['postgres://u:p%40w@host:5433/n', { type: 'postgres', url: 'postgres://u:p%40w@host:5433/n' }],
  ])("reads SQLAlchemy's form %s", (DATABASE_URL, target) => {
    expect(parseEnv({ SECRET_KEY, DATABASE_URL }).DATABASE_URL).toEqual(target);
  });
});

describe('the groups of settings', () => {
  const settingsOf = (environment: Record<string, string>) =>
    new TokenSettings(parseEnv({ SECRET_KEY, ...environment }));

  it.each([
    [{}, 'http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
    [{ HOST: '::1', PORT: '9000' }, 'http://[::1]:9000', 'http://[::1]:9000'],
    [{ ISSUER: 'https://id.test' }, 'https://id.test', 'https://id.test'],
    [{ AUDIENCE: 'https://api.test' }, 'http://127.0.0.1:8000', 'https://api.test'],
  ])('give for %j the issuer and audience %s and %s', (environment, issuer, audience) => {
    expect(settingsOf(environment)).toMatchObject({ issuer, audience });
  });

  it('gives tokens the lifetime in seconds', () => {
    expect(settingsOf({}).accessTokenLifetime).toBe(900);
    expect(settingsOf({ ACCESS_TOKEN_EXPIRE_MINUTES: '0.5' }).accessTokenLifetime).toBe(30);
  });

  it('gives sessions their times in milliseconds', () => {
    expect(new SessionSettings(parseEnv({ SECRET_KEY }))).toEqual({
      idleLifetime: 30 * 86_400_000,
      longestLifetime: 90 * 86_400_000,
      reuseWindow: 10_000,
    });
    const short = { REFRESH_TOKEN_EXPIRE_DAYS: '0', SESSION_MAX_DAYS: '0.5' };
    expect(new SessionSettings(parseEnv({ SECRET_KEY, ...short }))).toMatchObject({
      idleLifetime: 0,
      longestLifetime: 43_200_000,
    });
  });

  it('has a time for anything but 0, and at least a second for a session', () => {
    const shortest = { REFRESH_TOKEN_EXPIRE_DAYS: '.000000001', SESSION_MAX_DAYS: '.000000001' };
    expect(new SessionSettings(parseEnv({ SECRET_KEY, ...shortest }))).toMatchObject({
      idleLifetime: 1,
      longestLifetime: 1000,
    });
  });

  it('publishes a key for ten minutes before it signs', () => {
    expect(settingsOf({}).keyPublishTime).toBe(600_000);
  });

  it('lets nobody sign up in production, and anyone elsewhere, by default', () => {
    const registration = (environment: object) =>
      new RegistrationSettings(parseEnv({ SECRET_KEY, ...environment })).registration;
    expect(registration({})).toBe('open');
    expect(registration({ NODE_ENV: 'production' })).toBe('closed');
    expect(registration({ NODE_ENV: 'production', REGISTRATION: 'open' })).toBe('open');
    expect(registration({ REGISTRATION: 'invite' })).toBe('invite');
  });

  it('asks no service about passwords by default', () => {
    const url = (environment: object) =>
      new PasswordSettings(parseEnv({ SECRET_KEY, ...environment })).pwnedPasswordsUrl;
    expect(url({ PWNED_PASSWORDS_URL: 'http://127.0.0.1:9/' })).toBeNull();
    expect(url({ PWNED_PASSWORDS: 'on' })).toBe('https://api.pwnedpasswords.com/range/');
  });

  it('writes mails to files outside production only', () => {
    const directory = (environment: object) =>
      new MailSettings(parseEnv({ SECRET_KEY, ...environment })).directory;
    expect(directory({ MAIL_DIR: 'letters' })).toBe('letters');
    expect(directory({ MAIL_DIR: 'letters', NODE_ENV: 'production' })).toBeNull();
  });

  it('has a previous key only when configured', () => {
    const previous = 'the key before, of thirty-two bytes';
    const secrets = (environment: object) =>
      new SecretSettings(parseEnv({ SECRET_KEY, ...environment }));
    expect(secrets({})).toEqual({ secretKey: SECRET_KEY, previousSecretKey: null });
    expect(secrets({ SECRET_KEY_PREVIOUS: previous }).previousSecretKey).toBe(previous);
  });

  it('trusts no proxy and permits no origin by default', () => {
    const settings = new HttpSettings(parseEnv({ SECRET_KEY }));
    expect(settings).toMatchObject({ trustedProxies: [], corsOrigins: [] });
  });
});

describe('METRICS_TOKEN', () => {
  it.each(['x'.repeat(32), 'A-Za-z0-9._~+/of-a-bearer-token-=='])('may be %s', (METRICS_TOKEN) => {
    expect(problemsOf({ METRICS_TOKEN })).toBe('');
  });

  it.each(['x'.repeat(31), 'a token with spaces, which no header can carry', 'ü'.repeat(32)])(
    'may not be %s, which is not repeated',
    (METRICS_TOKEN) => {
      const message = problemsOf({ METRICS_TOKEN });
      expect(message).toMatch(/^ {2}METRICS_TOKEN: expected at least 32 characters/m);
      expect(message).not.toContain(METRICS_TOKEN);
    },
  );
});

describe('Traces', () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';
  const of = (environment: Record<string, string>) => {
    const { isOn, unsupported } = new TracingSettings(parseEnv({ SECRET_KEY, ...environment }));
    return { isOn, unsupported };
  };

  it('are off without an endpoint', () => {
    expect(of({})).toEqual({ isOn: false, unsupported: null });
    expect(of({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toEqual({ isOn: false, unsupported: null });
  });

  it.each(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
    'are on with %s',
    (name) => {
      expect(of({ [name]: OTEL_EXPORTER_OTLP_ENDPOINT })).toEqual({
        isOn: true,
        unsupported: null,
      });
    },
  );

  it.each([
    ['OTEL_SDK_DISABLED', 'true', false],
    ['OTEL_SDK_DISABLED', 'TRUE', false],
    ['OTEL_SDK_DISABLED', 'false', true],
    ['OTEL_TRACES_EXPORTER', 'none', false],
    ['OTEL_TRACES_EXPORTER', 'otlp', true],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', true],
  ])('with an endpoint and %s=%s are on: %s', (name, value, isOn) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT, [name]: value };
    expect(of(environment)).toEqual({ isOn, unsupported: null });
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'http/json'],
  ])('are off with %s=%s, and name the variable', (name, value) => {
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT, [name]: value };
    expect(of(environment)).toEqual({ isOn: false, unsupported: name });
  });

  it('prefer the protocol for traces to the general one', () => {
    const all = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
    expect(of({ ...all, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' }).isOn).toBe(true);
  });
});
