import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'dotenv';
import { PASSWORD } from '../support/create-test-app.js';
import { raceFirstStarts } from '../support/race-first-starts.js';
import { runCli, runService, type ServiceProcess, startService } from '../support/processes.js';
import { accessTokenFrom, readProfile } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const NO_KEY = { SECRET_KEY: undefined };

let folder: TemporaryFolder;
beforeEach(() => void (folder = new TemporaryFolder()));
afterEach(() => folder.remove());

const readEnvFile = () => readFileSync(folder.join('.env'), 'utf8');
const keyInEnvFile = () => parse(readEnvFile()).SECRET_KEY;
const messagesOf = ({ log }: ServiceProcess) => log.map(({ msg }) => String(msg));

function createAlex() {
  const args = ['user', 'create', 'alex', '--password-stdin'];
  return runCli(folder, args, { ...NO_KEY, input: PASSWORD });
}

describe('the first start without a SECRET_KEY', () => {
  it('makes .env from .env.example with a fresh key, for the owner alone', async () => {
    const service = await startService(folder, NO_KEY);
    await service.end();
    const example = readFileSync('.env.example', 'utf8');
    expect(keyInEnvFile()).toMatch(/^[0-9a-f]{64}$/);
    expect(readEnvFile().replace(/^SECRET_KEY=.*$/m, 'SECRET_KEY=')).toBe(example);
    expect(statSync(folder.join('.env')).mode & 0o777).toBe(0o600);
  });

  it('says so in one line of the log, without the key', async () => {
    const service = await startService(folder, NO_KEY);
    await service.end();
    const about = messagesOf(service).filter((message) => message.includes('SECRET_KEY'));
    expect(about).toEqual([
      `Made ${folder.join('.env')} from .env.example with a fresh random SECRET_KEY`,
    ]);
    expect(service.lines.join('\n')).not.toContain(keyInEnvFile());
  });

  it('leaves nothing else in the folder but the database', async () => {
    await (await startService(folder, NO_KEY)).end();
    expect(readdirSync(folder.path).sort()).toEqual(['.env', 'users.db']);
    expect(statSync(folder.join('users.db')).mode & 0o077).toBe(0);
  });

  it('makes another key in another folder', async () => {
    const other = new TemporaryFolder();
    await (await startService(folder, NO_KEY)).end();
    await (await startService(other, NO_KEY)).end();
    expect(keyInEnvFile()).not.toBe(parse(readFileSync(other.join('.env'))).SECRET_KEY);
    await other.remove();
  });

  it('changes nothing at the second start, and tokens of the first are still valid', async () => {
    await createAlex();
    const first = await startService(folder, NO_KEY);
    const token = await accessTokenFrom(first.url);
    await first.end();
    const before = readEnvFile();
    const second = await startService(folder, NO_KEY);
    expect((await readProfile(second.url, token)).status).toBe(200);
    expect(messagesOf(second).join()).not.toContain('SECRET_KEY');
    await second.end();
    expect(readEnvFile()).toBe(before);
  });

  it('works with the command line as the very first step', async () => {
    const { status, stdout, stderr } = await createAlex();
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'Created the user alex\n' });
    expect(stderr).toBe(
      `Made ${folder.join('.env')} from .env.example with a fresh random SECRET_KEY\n`,
    );
    expect(statSync(folder.join('.env')).mode & 0o777).toBe(0o600);
    const service = await startService(folder, NO_KEY);
    await accessTokenFrom(service.url);
    await service.end();
  });
});

describe('a .env without a key', () => {
  it.each([
    ['with other lines', '# mine\nDOCS_ENABLED=false\n'],
    ['without a newline at its end', 'DOCS_ENABLED=false'],
    ['with nothing in it', ''],
    ['with an empty SECRET_KEY line', 'SECRET_KEY=\nDOCS_ENABLED=false\n'],
  ])('%s keeps its lines and gets the key appended', async (_, text) => {
    writeFileSync(folder.join('.env'), text, { mode: 0o640 });
    const service = await startService(folder, NO_KEY);
    expect((await fetch(`${service.url}/docs`)).ok).toBe(text === '');
    await service.end();
    expect(readEnvFile()).toMatch(/(^|\n)SECRET_KEY=[0-9a-f]{64}\n$/);
    expect(readEnvFile().startsWith(text)).toBe(true);
    expect(messagesOf(service)).toContain(
      `Appended a fresh random SECRET_KEY to ${folder.join('.env')}`,
    );
  });
});

describe('concurrent first starts', () => {
  it('end with one and the same key', async () => {
    const services = await Promise.all([1, 2].map(() => startService(folder, NO_KEY)));
    await createAlex();
    const token = await accessTokenFrom(services[0]!.url);
    for (const { url } of services) expect((await readProfile(url, token)).status).toBe(200);
    await Promise.all(services.map((service) => service.end()));
  });

  it.each([
    ['no .env', undefined],
    ['a .env without a key', 'DOCS_ENABLED=true'],
  ])(
    'do so in ten races over %s',
    async (_, text) => {
      for (let race = 0; race < 10; race++) {
        const track = new TemporaryFolder();
        if (text !== undefined) writeFileSync(track.join('.env'), text);
        const keys = await raceFirstStarts(track, 4);
        expect(new Set(keys).size).toBe(1);
        expect(readdirSync(track.path).sort()).toEqual(['.env', 'go']);
        await track.remove();
      }
    },
    60_000,
  );

  it('say what blocks them', async () => {
    writeFileSync(folder.join('.env'), 'DOCS_ENABLED=true');
    writeFileSync(folder.join('.env.lock'), '');
    const { status, stderr } = await runService(folder, NO_KEY);
    expect(status).toBe(1);
    expect(stderr).toBe(`Another first start left ${folder.join('.env.lock')} behind: delete it\n`);
  });
});

describe('a start in production without a SECRET_KEY', () => {
  const production = { ...NO_KEY, NODE_ENV: 'production' };

  it('is refused with 78, and nothing is written', async () => {
    const { status, stderr } = await runService(folder, production);
    expect(status).toBe(78);
    expect(stderr).toContain('SECRET_KEY: expected at least 32 bytes; make one with: ');
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is refused likewise where .env says that it is production', async () => {
    writeFileSync(folder.join('.env'), 'NODE_ENV=production\n');
    const { status } = await runService(folder, { ...NO_KEY, NODE_ENV: undefined });
    expect(status).toBe(78);
    expect(readEnvFile()).toBe('NODE_ENV=production\n');
    expect(existsSync(folder.join('users.db'))).toBe(false);
  });

  it('is refused to the command line too', async () => {
    const { status } = await runCli(folder, ['user', 'list'], production);
    expect(status).toBe(78);
    expect(readdirSync(folder.path)).toEqual([]);
  });
});
