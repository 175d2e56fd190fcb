import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { examine, type Finding } from '../../src/doctor/finding.js';
import { fileChecks } from '../../src/doctor/inside/files.js';
import { configurationChecks } from '../../src/doctor/inside/configuration.js';
import { recommendCost } from '../../src/doctor/inside/hash-cost.js';
import { keyChecks } from '../../src/doctor/inside/keys.js';
import type { Installation } from '../../src/doctor/inside/installation.js';
import { sqliteChecks } from '../../src/doctor/inside/sqlite.js';
import { answerChecks } from '../../src/doctor/outside/answers.js';
import { exposureChecks } from '../../src/doctor/outside/exposure.js';
import { areApart, guessingChecks } from '../../src/doctor/outside/guessing.js';
import { Instance } from '../../src/doctor/outside/instance.js';
import { transportChecks } from '../../src/doctor/outside/transport.js';
import { type Env, envSchema } from '../../src/config/env.schema.js';
import { openDatabase } from '../support/open-database.js';
import { runCli, startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const STRONG = 'c1a1b5e0f2d94c7788f3a6e5d4b3c2910f8e7d6c5b4a39281706f5e4d3c2b1a0';

const SOUND = {
  NODE_ENV: 'production',
  SECRET_KEY: STRONG,
  ISSUER: 'https://auth.example.com',
  TRUSTED_PROXIES: '127.0.0.1',
  DOCS_ENABLED: 'false',
};

/** A migrated database, made once. */
let template: TemporaryFolder;
let folder: TemporaryFolder;
beforeAll(async () => {
  template = new TemporaryFolder();
  const { dataSource } = await openDatabase(`sqlite:///${template.join('users.db')}`);
  await dataSource.destroy();
  chmodSync(template.join('users.db'), 0o600);
});
afterAll(() => template.remove());
beforeEach(() => {
  folder = new TemporaryFolder();
  copyFileSync(template.join('users.db'), folder.join('users.db'));
  chmodSync(folder.join('users.db'), 0o600);
});
afterEach(() => folder.remove());

function installation(changes: Record<string, string> = {}): Installation {
  const env: Env = envSchema.parse({ ...SOUND, ...changes });
  return {
    env,
    problems: [],
    folder: folder.path,
    isProduction: env.NODE_ENV === 'production',
    databaseFile: folder.join('users.db'),
    now: Date.now(),
  };
}

function execute(sql: string): void {
  const database = openSqlite(folder.join('users.db'));
  database.exec(sql);
  database.close();
}

/** Each as `severity id`. */
function brief(findings: readonly Finding[]): string[] {
  return findings.map(({ severity, id }) => `${severity} ${id}`).toSorted();
}

const LOCAL = [...configurationChecks, ...keyChecks, ...fileChecks, ...sqliteChecks];

async function find(subject: Installation): Promise<string[]> {
  return brief((await examine(subject, LOCAL)).findings);
}

describe('latchkey doctor', () => {
  it('finds nothing serious in a sound installation, and changes nothing', async () => {
    writeFileSync(folder.join('.env'), 'LOG_LEVEL=info\n', { mode: 0o600 });
    const before = readdirSync(folder.path);
    const { status, stdout, stderr } = await runCli(folder, ['doctor', '--json'], SOUND);
    const report = JSON.parse(stdout) as { serious: number; findings: Finding[] };
    expect({ status, stderr, serious: report.serious }).toEqual({
      status: 0,
      stderr: '',
      serious: 0,
    });
    for (const finding of report.findings) {
      expect(Object.keys(finding).toSorted()).toEqual(['do', 'id', 'severity', 'what', 'why']);
    }
    expect(readdirSync(folder.path)).toEqual(before);
    expect(stdout).not.toContain(STRONG);
  });

  it('creates no database, no .env and no key where there is none', async () => {
    const empty = new TemporaryFolder();
    const { status, stdout } = await runCli(empty, ['doctor'], {
      SECRET_KEY: undefined,
      BCRYPT_COST: '9',
    });
    expect(status).toBe(1);
    expect(stdout).toContain('SERIOUS  SECRET_KEY: expected at least 32 bytes');
    expect(stdout).toContain('SERIOUS  BCRYPT_COST: expected a whole number from 10 to 15');
    expect(stdout).toMatch(/\n\d serious, \d+ warnings?, \d+ notes?; \d+ checks? found nothing\n$/);
    expect(readdirSync(empty.path)).toEqual([]);
    await empty.remove();
  });

  it('is a program of its own, as npx runs it', () => {
    const { status, stdout } = spawnSync(resolve('dist/cli/main.js'), ['doctor', '--help']);
    expect(status).toBe(0);
    expect(String(stdout)).toContain('Usage: latchkey doctor');
  });

  it.each([
    [['doctor', '--url', 'ftp://example.com'], /--url takes an address/],
    [['doctor', '--known-user', 'alex'], /--known-user goes with --url/],
  ])('%j exits 2', async (args, sentence) => {
    const { status, stderr } = await runCli(folder, args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(sentence) });
  });
});

describe('the examination of an installation', () => {
  it('finds nothing about a sound one except that mail waits', async () => {
    expect(await find(installation())).toEqual(['note smtp_missing']);
  });

  it.each([
    [{ SECRET_KEY: 'a'.repeat(64) }, 'serious key_weak'],
    [{ SECRET_KEY: 'changeme'.repeat(8) }, 'serious key_weak'],
    [{ SECRET_KEY: 'correct horse battery staple and some more' }, 'warning key_weak'],
    [{ SECRET_KEY_PREVIOUS: STRONG }, 'warning key_previous_left'],
    [{ SECRET_KEY_PREVIOUS: STRONG.toUpperCase() }, 'note key_previous_left'],
    [{ ISSUER: '' }, 'warning issuer_not_public'],
    [{ ISSUER: 'http://localhost:8000' }, 'warning issuer_not_public'],
    [{ CORS_ORIGINS: 'http://localhost:3000' }, 'warning cors_origins_open'],
    [{ TRUSTED_PROXIES: '128.0.0.0/2' }, 'serious trusted_proxies_wide'],
    [{ TRUSTED_PROXIES: '' }, 'note trusted_proxies_empty'],
    [{ DOCS_ENABLED: 'true' }, 'note docs_enabled'],
    [{ REGISTRATION: 'open' }, 'warning smtp_missing'],
    [{ REGISTRATION: 'open' }, 'note registration_open'],
    [{ NODE_ENV: 'development' }, 'note not_production'],
    [
      {
        NODE_ENV: 'development',
        SECRET_KEY: '11edc58a2784b9b5a6dd6deacc6d2f111ab4ab08a3ec06d9b66fd2e9b8830cb9',
      },
      'serious key_published',
    ],
  ])('with %j finds: %s', async (changes: Record<string, string>, expected) => {
    expect(await find(installation(changes))).toContain(expected);
  });

  it('finds files that others can read, and a folder that they can write', async () => {
    chmodSync(folder.join('users.db'), 0o644);
    writeFileSync(folder.join('.env'), '', { mode: 0o640 });
    chmodSync(folder.join('.env'), 0o640);
    chmodSync(folder.path, 0o777);
    expect(await find(installation())).toEqual([
      'note smtp_missing',
      'serious file_open',
      'serious folder_unsafe',
      'warning file_open',
    ]);
  });

  it('finds a file of another user', async () => {
    const path = folder.join('.env');
    // A user who may not chown a file uses one that belongs to root.
    if (process.getuid?.() === 0) {
      writeFileSync(path, '', { mode: 0o600 });
      chownSync(path, 12345, 12345);
    } else {
      symlinkSync('/etc/passwd', path);
    }
    expect(await find(installation())).toContain('warning file_of_another');
  });

  it('finds a disk without free space', async () => {
    const subject = { ...installation(), databaseFile: '/proc/self/users.db' };
    expect(brief((await examine(subject, fileChecks)).findings)).toContain('serious disk_full');
  });

  it('finds a migration that is pending, and one of a later version', async () => {
    execute('DELETE FROM migrations WHERE id = (SELECT max(id) FROM migrations)');
    expect(await find(installation())).toContain('warning migrations_pending');
    expect(await find(installation({ DATABASE_MIGRATE: 'false' }))).toContain(
      'serious migrations_pending',
    );
    execute("INSERT INTO migrations (timestamp, name) VALUES (1, 'Later1')");
    expect(await find(installation())).toContain('serious database_newer');
  });

  it('finds a damaged database, a long log, and a clock that is behind', async () => {
    execute(`INSERT INTO sessions (id, client_authenticated, created_at, last_used_at, refresh_counter,
      tokens_expire_at, expires_at) VALUES ('x', 0, 1, ${Date.now() + 3_600_000}, 0, 1, 1)`);
    expect(await find(installation())).toContain('warning clock_off');
    writeFileSync(folder.join('users.db-wal'), Buffer.alloc(65e6), { mode: 0o600 });
    expect(await find(installation())).toContain('warning wal_large');
    writeFileSync(folder.join('users.db'), 'x'.repeat(8192));
    expect(await find(installation())).toContain('serious database_damaged');
  });
});

describe('the cost of a password hash', () => {
  it.each([
    [10, 50, 12],
    [12, 250, 12],
    [12, 350, 12],
    [12, 400, 11],
    [10, 2_000, 10],
    [14, 10, 15],
  ])('at cost %d a hash takes %d ms: %d', (cost, typical, better) => {
    expect(recommendCost(cost, typical)).toBe(better);
  });
});

/** An instance that answers wrongly wherever it can, or rightly on one point only. */
function badlyDeployed(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('X-Powered-By', 'Express');
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
  const path = request.url ?? '';
  request.resume();
  request.on('end', () => {
    if (path === '/.env') response.end('SECRET_KEY=abc\n');
    else if (path === '/metrics') response.end('# HELP a b\n');
    else if (path === '/docs') response.end('docs');
    else if (path === '/token' && request.method === 'POST') {
      response.statusCode = 401;
      response.end('Error\n at login (/srv/app/auth.js:10)');
    } else if (path === '/users/me') response.end('{}');
    else response.writeHead(404).end('{}');
  });
}

async function serve(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<[Server, string]> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
}

describe('the examination from outside', () => {
  it('finds nothing serious about an instance with defaults', async () => {
    const service = await startService(folder, { ...SOUND, TRUSTED_PROXIES: undefined });
    const { status, stdout } = await runCli(folder, ['doctor', '--url', service.url, '--json']);
    await service.end();
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    expect(brief(findings)).toEqual([
      'note login_time_unknown',
      'note plain_http',
      'warning issuer_differs',
    ]);
    expect(status).toBe(0);
  });

  it('finds everything that is wrong with one that is badly deployed', async () => {
    const [server, url] = await serve(badlyDeployed);
    const checks = [...transportChecks, ...answerChecks, ...exposureChecks, ...guessingChecks];
    const { findings } = await examine(new Instance(url), checks);
    server.close();
    expect(brief(findings)).toEqual([
      'note docs_exposed',
      'note login_time_unknown',
      'note plain_http',
      'note version_named',
      'serious cache_allowed',
      'serious cors_any_origin',
      'serious errors_leak',
      'serious file_served',
      'serious guessing_unlimited',
      'serious metrics_open',
      'serious profile_open',
      'warning body_unbounded',
      'warning headers_missing',
      'warning issuer_differs',
      'warning keys_unreachable',
      'warning method_accepted',
    ]);
  });

  it('finds limits that trust forged addresses, and a login that is quicker for unknown users', async () => {
    const counts = new Map<string, number>();
    const [server, url] = await serve((request, response) => {
      let body = '';
      request.on('data', (piece) => (body += String(piece)));
      request.on('end', () => {
        const name = new URLSearchParams(body).get('username') ?? '';
        const pair = `${name} ${String(request.headers['x-forwarded-for'])}`;
        counts.set(pair, (counts.get(pair) ?? 0) + 1);
        response.statusCode = counts.get(pair)! > 5 ? 429 : 401;
        setTimeout(() => response.end(), name === 'alex' ? 300 : 0);
      });
    });
    const { findings } = await examine(new Instance(url, 'alex'), guessingChecks);
    server.close();
    expect(brief(findings)).toEqual(['serious forwarded_believed', 'serious login_time_differs']);
    // Fewer than lock the user out.
    expect(counts.get('alex undefined')).toBeLessThan(5);
  });

  it.each([
    ['Bearer', 'Bearer'],
    ['Bearer error="invalid_token"', 'Bearer error="invalid_token"'],
    ['Basic', 'Bearer error="invalid_token"'],
  ])(
    'finds challenges that clients misread: %s without a token, %s for a wrong one',
    async (...challenges) => {
      const [server, url] = await serve((request, response) => {
        const challenge = challenges[request.headers.authorization === undefined ? 0 : 1];
        response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
      });
      const { findings } = await examine(new Instance(url), answerChecks);
      server.close();
      expect(brief(findings)).toContain('warning challenge_wrong');
    },
  );

  it('says so where nothing answers', async () => {
    const { status, stdout } = await runCli(folder, ['doctor', '--url', 'http://127.0.0.1:1']);
    expect(status).toBe(1);
    expect(stdout).toContain('SERIOUS  There is no answer: connect ECONNREFUSED');
    expect(existsSync(folder.join('.env'))).toBe(false);
  });

  it('does not take noise for a difference', () => {
    expect(areApart([200, 210, 400, 205], [190, 420, 200, 215])).toBe(false);
    expect(areApart([200, 210, 220, 205], [20, 25, 22, 19])).toBe(true);
  });
});
