import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCli, startCli } from '../support/processes.js';
import { sql } from '../support/sql.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const AUDIT_FIELDS = ['id', 'time', 'event', 'outcome', 'actor', 'subject', 'ip', 'request_id'];

interface Shown {
  id: string;
  time: string;
  event: string;
  outcome: string;
  actor: unknown;
  subject: { kind: string; id: number | null; name: string } | null;
  ip: string | null;
  request_id: string | null;
  reason: string | null;
  details: Record<string, unknown>;
}

const TABLES = ['users', 'clients', 'signing_keys'];

let folder: TemporaryFolder;

beforeEach(() => {
  folder = new TemporaryFolder();
});
afterEach(() => folder.remove());

const cli = (...args: string[]) =>
  runCli(folder, args, { input: PASSWORD, ALGORITHM: 'ES256', KEY_PUBLISH_SECONDS: '0' });

async function done(...args: string[]): Promise<string> {
  const { status, stderr, stdout } = await cli(...args);
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
  return stdout;
}

async function newestKey(): Promise<string> {
  const [{ kid }] = JSON.parse(await done('key', 'list', '--json')) as [{ kid: string }];
  return kid;
}

const parsed = (text: string) =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Shown);
const tail = async (...args: string[]) => parsed(await done('audit', 'tail', '--json', ...args));

/** Writes an entry for each of the times straight into the table. @param name of the user they are about */
async function write(times: readonly number[], name = 'kim'): Promise<void> {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
  const rows = times.map((time, i) => `('${hex(time, 12)}${hex(i, 16)}', ${time})`);
  await sql(
    folder,
    `INSERT INTO audit_entries (id, time, event, outcome, subject_kind, subject_id, subject)
     SELECT column1, column2, 'login_failed', 'refused', 'user', 7, CAST(? AS varchar)
     FROM (VALUES ${rows.join(', ')}) AS entries`,
    name,
  );
}

describe('The audit trail of the command line', () => {
  it('records what each command did, and the operating system’s user who ran it', async () => {
    await done('user', 'create', 'alex', '--password-stdin', '--disabled');
    await done('user', 'enable', 'alex');
    await done('user', 'grant', 'alex', 'users:read');
    await done('user', 'revoke', 'alex', 'users:read');
    await done('user', 'set-password', 'alex', '--password-stdin');
    await done('user', 'disable', 'alex');
    await done('user', 'invite');
    await done('client', 'create', 'shop');
    await done('client', 'rotate', 'shop');
    await done('client', 'delete', 'shop');
    await done('key', 'rotate');
    const first = await newestKey();
    await done('key', 'revoke', first);
    // The last key that signs is replaced by a new one.
    const second = await newestKey();
    const row = (username: string) => JSON.stringify({ username, hashed_password: null });
    writeFileSync(folder.join('in.ndjson'), ['mary', 'victor'].map(row).join('\n'));
    await done('user', 'import', 'in.ndjson');
    await done('user', 'export', 'out.ndjson');
    await done('user', 'delete', 'alex');
    // What is refused, or only read, has no entry.
    expect((await cli('user', 'delete', 'nobody')).status).toBe(1);
    await done('user', 'list');

    const entries = await tail();
    const alex = { kind: 'user', id: 1, name: 'alex' };
    const shop = { kind: 'client', id: null, name: 'shop' };
    const key = (name: string) => ({ kind: 'key', id: null, name });
    expect(
      entries.map(({ event, subject, reason, details }) => [event, subject, reason, details]),
    ).toEqual([
      ['user_created', alex, null, { disabled: true }],
      ['user_changed', alex, 'disabled', { disabled: false }],
      ['user_changed', alex, 'scopes', { scope: 'users:read' }],
      ['user_changed', alex, 'scopes', { scope: '' }],
      ['password_changed', alex, null, {}],
      ['user_changed', alex, 'disabled', { disabled: true }],
      ['invitation_made', null, null, {}],
      ['client_created', shop, null, {}],
      ['client_rotated', shop, null, {}],
      ['client_deleted', shop, null, {}],
      ['key_created', key(first), null, {}],
      ['key_created', key(second), null, {}],
      ['key_revoked', key(first), null, {}],
      ['users_imported', null, null, { users: 2 }],
      ['users_exported', null, null, {}],
      ['user_deleted', alex, null, {}],
    ]);
    const actor = { kind: 'cli', id: null, name: userInfo().username };
    for (const entry of entries) {
      expect(entry).toMatchObject({ outcome: 'success', actor, ip: null, request_id: null });
      expect(Math.abs(Date.now() - Date.parse(entry.time))).toBeLessThan(600_000);
      expect(entry.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/);
    }
    const shown = await done('audit', 'tail', '-n', '2', '--user', 'alex');
    expect(shown.split('\n').map((line) => line.slice(26))).toEqual([
      `success  user_changed  user:alex  by cli:${userInfo().username}  from -  disabled  disabled=true`,
      `success  user_deleted  user:alex  by cli:${userInfo().username}  from -`,
      '',
    ]);
  }, 300_000);

  it('has no change without its entry', async () => {
    await done('user', 'create', 'alex', '--password-stdin');
    await sql(folder, 'ALTER TABLE audit_entries RENAME TO audit_away');
    const rows = () =>
      Promise.all(TABLES.map((table) => sql(folder, `SELECT * FROM ${table} ORDER BY 1`)));
    const before = await rows();
    const refused = [
      ['user', 'create', 'mary', '--password-stdin'],
      ['user', 'grant', 'alex', 'users:read'],
      ['user', 'delete', 'alex'],
      ['client', 'create', 'shop'],
      ['key', 'rotate'],
    ];
    for (const args of refused) expect((await cli(...args)).status).toBe(1);
    expect(await rows()).toEqual(before);
  });
});

describe('audit tail', () => {
  beforeEach(() => done('user', 'list'));

  it('shows the newest, or none, or all, in their order', async () => {
    await write(Array.from({ length: 1200 }, (_, i) => 1000 + i));
    expect((await tail()).map(({ time }) => Date.parse(time)).at(0)).toBe(2180);
    expect((await tail('-n', '1100')).map(({ time }) => Date.parse(time))).toEqual(
      Array.from({ length: 1100 }, (_, i) => 1100 + i),
    );
    expect(await tail('-n', '0')).toEqual([]);
    expect(await tail('-n', '5', '--event', 'login_succeeded')).toEqual([]);
    expect(await tail('-n', '5', '--user', 'kim', '--event', 'login_failed')).toHaveLength(5);
    expect(await tail('--user', 'ki')).toEqual([]);
  });

  it('shows hostile names without what a terminal acts on, and quoted where they could be misread', async () => {
    const names = [
      '\u001b[31mred',
      'two\nlines',
      '\u202Ekeew',
      'x  by cli:root  from -',
      'cli:root',
    ];
    for (const [i, name] of names.entries()) await write([1000 + i], name);
    const text = await done('audit', 'tail');
    // eslint-disable-next-line no-control-regex
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(names.length);
    expect(lines[3]).toContain('  user:"x  by cli:root  from -"  by -  from -');
    expect(lines[4]).toContain('  user:"cli:root"  by -  from -');
    expect(
      parsed(await done('audit', 'tail', '--json')).map(({ subject }) => subject?.name),
    ).toEqual(names);
  });

  it('follows new entries, also from a clock that is behind, each once', async () => {
    await write([1000]);
    const child = await startCli(folder, ['audit', 'tail', '--follow', '--json', '--user', 'kim']);
    const lines: Shown[] = [];
    createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Shown));
    try {
      await until(() => lines.length === 1);
      const now = Date.now();
      await write([now]);
      await until(() => lines.length === 2);
      await write([now - 500], 'mary');
      await write([now - 1000]);
      await until(() => lines.length === 3);
      expect(lines.map(({ time }) => Date.parse(time))).toEqual([1000, now, now - 1000]);
    } finally {
      child.kill();
    }
  });

  it.each([
    [['tail', '-n', '-1'], 'Give a whole number'],
    [['tail', '-n', 'all'], 'Give a whole number'],
    [['export', '--since', 'yesterday'], 'Give a day'],
    [['export', '--since', '2030-02-31'], 'Give a day'],
    [['export', '--until', '2030-01-01T12:00:00'], 'Give a day'],
    [['export', '-'], 'Leave the file out'],
  ])('and audit export refuse what they can not read: %j', async (args, message) => {
    const { status, stdout, stderr } = await cli('audit', ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('audit export', () => {
  beforeEach(() => done('user', 'list'));

  it('writes all entries of a period, once each, in their order', async () => {
    const start = Date.parse('2030-01-31T23:59:59.000Z');
    await write(Array.from({ length: 2500 }, (_, i) => start + i));
    const inOrder = async (...args: string[]) =>
      parsed(await done('audit', 'export', ...args)).map(({ time }) => Date.parse(time) - start);
    const range = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => from + i);
    expect(await inOrder()).toEqual(range(0, 2500));
    expect(await inOrder('--since', '2030-02-01')).toEqual(range(1000, 2500));
    expect(await inOrder('--until', '2030-02-01')).toEqual(range(0, 1000));
    const to = '2030-02-01T01:00:01+01:00';
    expect(await inOrder('--since', '2030-01-31T23:59:59.5Z', '--until', to)).toEqual(
      range(500, 2000),
    );
  });

  it('writes a new file for its owner, and never overwrites one', async () => {
    await write([1000]);
    expect(await done('audit', 'export', 'trail.ndjson')).toBe('Exported 1 entry\n');
    expect(statSync(folder.join('trail.ndjson')).mode & 0o777).toBe(0o600);
    const [entry] = parsed(readFileSync(folder.join('trail.ndjson'), 'utf8'));
    expect(Object.keys(entry!)).toEqual([...AUDIT_FIELDS, 'reason', 'details']);
    const again = await cli('audit', 'export', 'trail.ndjson');
    expect([again.status, again.stderr]).toEqual([1, 'trail.ndjson already exists\n']);
  });
});
