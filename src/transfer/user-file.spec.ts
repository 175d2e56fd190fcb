import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FileRecord, Format, SOURCES } from './file-record.js';
import { JsonScanner } from './json-scanner.js';
import { readCsv } from './read-csv.js';
import { readJson } from './read-json.js';
import { readNdjson } from './read-ndjson.js';
import { UserFile } from './user-file.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'latchkey-test-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type From = (typeof SOURCES)[number];

/** Reads a file twice, as an import does. */
async function read(
  name: string,
  text: string | Buffer,
  from: From = 'latchkey',
  format?: Format,
): Promise<FileRecord[]> {
  writeFileSync(join(folder, name), text);
  const file = await UserFile.open(join(folder, name), from, format);
  try {
    const first = await allOf(file.records(() => undefined));
    let bytes = 0;
    expect(await allOf(file.records((more) => (bytes += more)))).toEqual(first);
    expect(bytes).toBeLessThanOrEqual(file.size);
    return first;
  } finally {
    await file.close();
  }
}

async function allOf(records: AsyncIterable<FileRecord>): Promise<FileRecord[]> {
  const all: FileRecord[] = [];
  for await (const record of records) all.push(record);
  return all;
}

const user = (username: string) => ({ username });
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));

describe('UserFile', () => {
  it.each([
    ['a', '{"username":"a"}\n'],
    ['b', '\uFEFF [{"username":"a"}]'],
    ['c', 'username\na\n'],
    ['d.txt', '\uFEFFusername\r\na\r\n'],
    ['e.JSONL', '\uFEFF{"username":"a"}'],
    ['f.csv', '"username"\n"a"'],
    ['g.json', '[{"username":"a"}]'],
  ])('detects the format of %s by its name, or by its beginning', async (name, text) => {
    const line = name === 'c' || name === 'd.txt' || name === 'f.csv' ? 2 : 1;
    expect(await read(name, text)).toEqual([{ line, value: user('a') }]);
  });

  it('uses the format that it is given', async () => {
    const records = [{ line: 1, value: user('a') }];
    expect(await read('u.csv', '{"username":"a"}', 'latchkey', 'ndjson')).toEqual(records);
  });

  it.each<[string, From, string]>([
    ['missing.csv', 'latchkey', 'ENOENT'],
    ['', 'latchkey', 'is not a file: it is read twice'],
    ['u.csv', 'keycloak', 'From keycloak it has to be json'],
    ['u.jsonl', 'keycloak', 'From keycloak it has to be json'],
  ])('says why it does not open %j from %s', async (name, from, message) => {
    for (const there of ['u.csv', 'u.jsonl']) writeFileSync(join(folder, there), '');
    await expect(UserFile.open(join(folder, name), from)).rejects.toThrow(message);
  });

  it.each<[string, string | Buffer, number, string]>([
    ['u.json', '', 1, 'has no array of users'],
    ['u.json', '{}', 1, 'has no array of users'],
    ['u.json', '[\n{"username":"a"}', 2, 'is where the file is cut off'],
    ['u.json', '[{"username":"a"},\n5]', 2, 'is not JSON'],
    ['u.json', '[[]]', 1, 'is not JSON'],
    ['u.json', '["a"]', 1, 'is not JSON'],
    ['u.json', '[{"username":"a",}]', 1, 'is not a JSON object'],
    ['u.json', '[]]', 1, 'is not JSON'],
    ['u.json', bytes('[{"username":"', [0xff, 0xfe], '"}]'), 1, 'is not UTF-8'],
    ['u.ndjson', bytes('{}\n{"username":"', [0xff, 0xfe], '"}\n'), 2, 'is not UTF-8'],
    ['u.ndjson', '{}\n\n  \r\n[]\n', 4, 'is not a JSON object'],
    ['u.csv', bytes('username\n', [0xff, 0xfe], '\n'), 1, 'is followed by invalid UTF-8'],
    ['u.csv', '', 1, 'has no header'],
    ['u.csv', 'name,username\n', 1, 'name: is not a known column'],
    ['u.csv', 'username,__proto__\n', 1, '__proto__: is not a known column'],
    ['u.csv', 'email\na@example.com\n', 1, 'username: is required as a column'],
    ['u.csv', 'username,username\n', 1, 'username: is there twice'],
    ['u.csv', 'username\na\nb,c\n', 3, 'has 2 cells, and the header 1'],
    ['u.csv', 'username\na\n"b\n', 3, 'has a quote that is not closed'],
    ['u.csv', 'username\na\n"b"c\n', 3, 'has a quote in the middle of a cell'],
  ])('says what is wrong with %s: %j', async (name, text, line, problem) => {
    expect((await read(name, text)).at(-1)).toEqual({ line, problem });
  });

  it.each(['u.ndjson', 'u.csv', 'u.json'])('keeps no line of 100 MB in %s', async (name) => {
    const long = 'x'.repeat(100 * 2 ** 20);
    const texts: Record<string, string> = {
      'u.ndjson': `{"username":"a"}\n{"username":"${long}"}\n{"username":"b"}\n`,
      'u.csv': `username\na\n${long}\n`,
      'u.json': `[{"username":"a"},\n{"username":"${long}"}]`,
    };
    const records = await read(name, texts[name]!);
    expect(records[0]).toMatchObject({ value: user('a') });
    expect(records[1]).toMatchObject({ problem: 'is longer than 1 MiB' });
    // One line of NDJSON does not keep the next from being read.
    expect(records.slice(2)).toEqual(name === 'u.ndjson' ? [{ line: 3, value: user('b') }] : []);
  });

  it("finds a realm's users, and not members of the same name elsewhere", async () => {
    const realm = {
      roles: [{ users: [{ username: 'no' }] }],
      note: 'users',
      list: [{ username: 'neither' }],
      groups: { users: [{ username: 'nor' }] },
      users: [{ username: 'a', attributes: { users: ['[{"'] } }, { username: 'b' }],
      clients: [{ users: [{ username: 'nobody' }] }],
    };
    const records = await read('realm.json', JSON.stringify(realm, null, 1), 'keycloak');
    const values = records.map((record) => ('value' in record ? record.value : record));
    expect(values).toEqual(realm.users);
    expect(await read('none.json', '{"realm":"users"}', 'keycloak')).toEqual([
      { line: 1, problem: 'has no array users' },
    ]);
  });
});

describe.each<[string, (chunks: AsyncIterable<Buffer>) => AsyncGenerator<FileRecord>, string]>([
  ['readNdjson', readNdjson, '{"username":"'],
  ['readCsv', (chunks) => readCsv(chunks, { required: ['username'] }), 'username\n'],
  ['readJson', readJson, '[{"username":"'],
])('%s', (_, reader, beginning) => {
  it('does not keep what is too long', async () => {
    const before = process.memoryUsage();
    let most = 0;
    async function* endless() {
      yield Promise.resolve(Buffer.from(beginning));
      for (let i = 0; i < 400; i++) {
        yield Buffer.alloc(2 ** 20, 'x');
        const { arrayBuffers, heapUsed } = process.memoryUsage();
        most = Math.max(most, arrayBuffers + heapUsed - before.arrayBuffers - before.heapUsed);
      }
    }
    const records = await allOf(reader(endless()));
    expect(records).toEqual([{ line: expect.any(Number), problem: 'is longer than 1 MiB' }]);
    expect(most).toBeLessThan(200 * 2 ** 20);
  });
});

describe('JsonScanner', () => {
  it('finds each object of any array, wherever the pieces end', () => {
    const array = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()));
    const property = fc.property(array, fc.nat(4), fc.integer({ min: 1, max: 9 }), check);
    fc.assert(property, { numRuns: 500 });
  });

  function check(values: object[], indent: number, size: number): void {
    const document = Buffer.from(JSON.stringify(values, null, indent));
    const scanner = new JsonScanner(undefined);
    const found: unknown[] = [];
    for (let i = 0; i < document.length; i += size) {
      for (const record of scanner.scan(document.subarray(i, i + size)))
        found.push(JSON.parse(record.bytes.toString()));
    }
    expect(found).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
    expect(scanner.problem ?? scanner.problemAtEnd()).toBeUndefined();
  }
});

describe('readNdjson', () => {
  it('finds each line, wherever the pieces end', async () => {
    const values = fc.array(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()));
    const property = fc.asyncProperty(values, fc.integer({ min: 1, max: 9 }), async (all, size) => {
      const text = Buffer.from(all.map((value) => `${JSON.stringify(value)}\r\n`).join('\n'));
      async function* pieces() {
        for (let i = 0; i < text.length; i += size)
          yield Promise.resolve(text.subarray(i, i + size));
      }
      expect(await allOf(readNdjson(pieces()))).toEqual(
        all.map((value, i) => ({
          line: 2 * i + 1,
          value: JSON.parse(JSON.stringify(value)) as object,
        })),
      );
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
