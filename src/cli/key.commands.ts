import type { Command } from 'commander';
import { isoTime } from '../common/iso-time.js';
import type { KeysService, ListedKey } from '../tokens/keys.service.js';
import { cell, printLine, printTable } from './output.js';
import { withService } from './with-service.js';

const COLUMNS = ['kid', 'algorithm', 'state', 'created_at', 'signs_from'] as const;
type Row = Record<(typeof COLUMNS)[number], string | null>;

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('The keys that sign access tokens');
  key.command('list').description('List all keys').option('--json', 'as a JSON array').action(list);
  key
    .command('rotate')
    .description('Make the next key, which signs after KEY_PUBLISH_SECONDS')
    .action(rotate);
  key
    .command('revoke <kid>')
    .description('Revoke a key at once, with all tokens it signed')
    .action(revoke);
}

async function list({ json = false }: { json?: boolean }): Promise<void> {
  const rows = (await withKeys((keys) => keys.list())).map(rowOf);
  if (json) printLine(JSON.stringify(rows, null, 2));
  else printTable([COLUMNS, ...rows.map((row) => COLUMNS.map((name) => cell(row[name])))]);
}

async function rotate(): Promise<void> {
  const { kid, signs_from } = rowOf(await withKeys((keys) => keys.rotate()));
  printLine(`Made the key ${kid}, which signs from ${String(signs_from)} on`);
}

async function revoke(kid: string): Promise<void> {
  await withKeys((keys) => keys.revoke(kid));
  printLine(`Revoked the key ${cell(kid)}`);
}

function rowOf({ kid, algorithm, state, createdAt, signsFrom }: ListedKey): Row & { kid: string } {
  return { kid, algorithm, state, created_at: isoTime(createdAt), signs_from: isoTime(signsFrom) };
}

async function withKeys<T>(work: (keys: KeysService) => Promise<T>): Promise<T> {
  return withService(async () => (await import('../tokens/keys.service.js')).KeysService, work);
}
