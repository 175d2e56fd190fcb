import { type Command, Option } from 'commander';
import { logText } from '../common/log-text.js';
import type { ExportService } from '../transfer/export.service.js';
import {
  EXPORT_FORMATS,
  type ExportFormat,
  type Format,
  FORMATS,
  SOURCES,
} from '../transfer/file-record.js';
import type { ImportReport, Remark } from '../transfer/import-report.js';
import type { ImportService } from '../transfer/import.service.js';
import type { UserFile } from '../transfer/user-file.js';
import { printLine, printNote } from './output.js';
import { withProgress } from './progress.js';
import { UsageError } from './usage-error.js';
import { withService } from './with-service.js';
import { writeToNewFile, writeToOutput } from './write-pieces.js';

interface ImportOptions {
  from: (typeof SOURCES)[number];
  format?: Format;
  dryRun?: boolean;
}

/** @param program which already has the command `user` */
export function addTransferCommands(program: Command): void {
  const user = program.commands.find((command) => command.name() === 'user') ?? program;
  user
    .command('import <file>')
    .description('Import users from a file, with the hashes of their passwords')
    .addOption(
      new Option('--from <source>', 'where the file comes from')
        .choices(SOURCES)
        .default('latchkey'),
    )
    .addOption(new Option('--format <format>', 'what the file is').choices(FORMATS))
    .option('--dry-run', 'check the file, and say what would be done')
    .action(importUsers);
  user
    .command('export [file]')
    .description(
      'Write all users, with the hashes of their passwords, to a new file or to standard output',
    )
    .addOption(
      new Option('--format <format>', 'what to write').choices(EXPORT_FORMATS).default('ndjson'),
    )
    .action(exportUsers);
}

async function importUsers(path: string, { from, format, dryRun }: ImportOptions): Promise<void> {
  if (path === '-') throw new UsageError('The file is read twice: standard input will not do');
  const { UserFile } = await import('../transfer/user-file.js');
  const file = await UserFile.open(path, from, format);
  try {
    await withImports((imports) => importFile(imports, file, dryRun));
  } finally {
    await file.close();
  }
}

/** @throws Error that says how much was imported, unless all of it was */
async function importFile(imports: ImportService, file: UserFile, dryRun = false): Promise<void> {
  const found = await withProgress('Checking', file.size, (read) => imports.check(file, read));
  printOmissions(found);
  printRefusals(found);
  if (found.refused > 0) throw new Error(`Nothing was imported: ${refused(found)}`);
  if (dryRun) {
    printLine(`Would import ${outcome(found)}`);
    return;
  }
  const done = await withProgress('Writing', file.size, (read) => imports.write(file, read));
  printRefusals(done);
  if (done.refused > 0) {
    throw new Error(
      `Imported ${outcome(done)}, and then no more: ${refused(done)} since the check`,
    );
  }
  printLine(`Imported ${outcome(done)}`);
}

async function exportUsers(
  path: string | undefined,
  { format }: { format: ExportFormat },
): Promise<void> {
  if (path === '-') throw new UsageError('Leave the file out for standard output');
  const count = { users: 0, nameless: 0 };
  await withExports(async (exports) => {
    const pieces = exports.export(format, count);
    if (path === undefined) await writeToOutput(pieces);
    else await writeToNewFile(path, pieces);
  });
  const nameless = count.nameless === 0 ? '' : `, and left ${count.nameless} without a name out`;
  const line = `Exported ${usersOf(count.users)}${nameless}`;
  if (path === undefined) printNote(line);
  else printLine(line);
}

function printOmissions({ omissions, leftOut }: ImportReport): void {
  printRemarks(omissions.map((one) => `${placeOf(one)}: left out: ${logText(one.leftOut)}`));
  printMore(leftOut - omissions.length, 'left out');
}

function printRefusals({ refusals, refused: count }: ImportReport): void {
  const inOrder = refusals.toSorted((a, b) => a.line - b.line);
  printRemarks(inOrder.map((one) => `${placeOf(one)}: ${logText(one.problem)}`));
  printMore(count - refusals.length, 'refused');
}

function printRemarks(lines: readonly string[]): void {
  lines.forEach(printNote);
}

function printMore(count: number, what: string): void {
  if (count > 0) printNote(`and ${count} more ${what}`);
}

function placeOf({ line, name }: Remark): string {
  return name === undefined ? `line ${line}` : `line ${line} (${logText(name)})`;
}

function outcome({ added, present, leftOut }: ImportReport): string {
  const rest = leftOut === 0 ? '' : `, ${leftOut} left out`;
  return `${usersOf(added)}, ${present} ${present === 1 ? 'was' : 'were'} there already${rest}`;
}

function refused({ refused: count }: ImportReport): string {
  return count === 1 ? '1 row is refused' : `${count} rows are refused`;
}

function usersOf(count: number): string {
  return count === 1 ? '1 user' : `${count} users`;
}

async function withImports(work: (imports: ImportService) => Promise<void>): Promise<void> {
  await withService(
    async () => (await import('../transfer/import.service.js')).ImportService,
    work,
  );
}

async function withExports(work: (exports: ExportService) => Promise<void>): Promise<void> {
  await withService(
    async () => (await import('../transfer/export.service.js')).ExportService,
    work,
  );
}
