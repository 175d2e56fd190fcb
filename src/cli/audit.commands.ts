import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError } from 'commander';
import type { AuditFilter, AuditReader } from '../audit/audit-reader.service.js';
import type { ShownEntry } from '../audit/shown-entry.js';
import { cell, printLine, printNote } from './output.js';
import { UsageError } from './usage-error.js';
import { withService } from './with-service.js';
import { writeToNewFile, writeToOutput } from './write-pieces.js';

interface TailOptions extends AuditFilter {
  lines: number;
  follow?: boolean;
  json?: boolean;
}

interface ExportOptions {
  since?: number;
  until?: number;
}

/** How often `--follow` polls, in milliseconds. */
const INTERVAL_MS = 1_000;

const MOST_LINES = 100_000;

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('Who did what, from where and when');
  audit
    .command('tail')
    .description('Show the newest entries of the audit trail, oldest first')
    .option('-n, --lines <count>', 'how many', parseCount, 20)
    .option('-f, --follow', 'keep printing new entries')
    .option('--user <username>', 'only what a user did, or what was done to them')
    .option('--event <event>', 'only one kind of event')
    .option('--json', 'as JSON, one object per line')
    .action(tail);
  audit
    .command('export [file]')
    .description(
      'Write the audit trail, as JSON, one object per line, to a new file or to standard output',
    )
    .option('--since <time>', 'from this time on: 2030-01-31, or 2030-01-31T12:00:00Z', parseTime)
    .option('--until <time>', 'before this time', parseTime)
    .action(exportTrail);
}

async function tail({ lines, follow, json, ...filter }: TailOptions): Promise<void> {
  await withTrail(async (trail) => {
    const { shownEntry } = await import('../audit/shown-entry.js');
    const print = json ? (entry: ShownEntry) => JSON.stringify(entry) : lineOf;
    const entries = follow
      ? trail.follow(lines, filter, () => sleep(INTERVAL_MS))
      : await trail.newest(lines, filter);
    for await (const entry of entries) printLine(print(shownEntry(entry)));
  });
}

async function exportTrail(
  path: string | undefined,
  { since, until }: ExportOptions,
): Promise<void> {
  if (path === '-') throw new UsageError('Leave the file out for standard output');
  const count = { entries: 0 };
  await withTrail(async (trail) => {
    const pieces = piecesOf(trail, { since, until }, count);
    if (path === undefined) await writeToOutput(pieces);
    else await writeToNewFile(path, pieces);
  });
  const line = `Exported ${count.entries} ${count.entries === 1 ? 'entry' : 'entries'}`;
  if (path === undefined) printNote(line);
  else printLine(line);
}

/** @param count is kept */
async function* piecesOf(
  trail: AuditReader,
  { since = 0, until }: ExportOptions,
  count: { entries: number },
): AsyncGenerator<string> {
  const { shownEntry } = await import('../audit/shown-entry.js');
  for await (const page of trail.pagesBetween(since, until)) {
    count.entries += page.length;
    yield page.map((entry) => `${JSON.stringify(shownEntry(entry))}\n`).join('');
  }
}

/** One entry in readable form; a missing value is a dash. */
function lineOf({ time, outcome, event, subject, actor, ip, reason, details }: ShownEntry): string {
  const words = [
    `${time}  ${outcome.padEnd(7)}  ${event}  ${partyOf(subject)}`,
    `by ${partyOf(actor)}`,
    `from ${cell(ip)}`,
    ...(reason === null ? [] : [cell(reason)]),
    ...Object.entries(details).map(([name, value]) => `${name}=${cell(JSON.stringify(value))}`),
  ];
  return words.join('  ');
}

function partyOf(party: ShownEntry['actor']): string {
  if (!party) return '-';
  const { kind, name, id } = party;
  // In quotes where it is not plain, so that no name can pass for the words around it.
  const text = name === null ? (id === null ? '' : `#${id}`) : quoted(cell(name));
  return text === '' ? kind : `${kind}:${text}`;
}

function quoted(name: string): string {
  return /^[\w.@+-]+$/.test(name) ? name : JSON.stringify(name);
}

function parseCount(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= MOST_LINES) return Number(text);
  throw new InvalidArgumentError(`Give a whole number up to ${MOST_LINES}.`);
}

/** A day, or a time with its zone: one without would differ between machines. */
function parseTime(text: string): number {
  const form = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;
  const time = form.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time) && isCalendarDay(text.slice(0, 10))) return time;
  throw new InvalidArgumentError('Give a day, 2030-01-31, or a time, 2030-01-31T12:00:00Z.');
}

/** `Date` reads the 31st of February as a day in March. */
function isCalendarDay(day: string): boolean {
  return new Date(day).toISOString().startsWith(day);
}

async function withTrail(work: (trail: AuditReader) => Promise<void>): Promise<void> {
  await withService(
    async () => (await import('../audit/audit-reader.service.js')).AuditReader,
    work,
  );
}
