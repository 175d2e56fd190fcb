import { logText } from '../common/log-text.js';
import { exitWith } from '../exit-status.js';
import { terminal } from './terminal.js';

/** The command that makes another one of the secret that was printed. */
let remedy: string | undefined;

export function printLine(line: string): void {
  terminal().stdout.write(`${line}\n`);
}

/** Says on standard error what is no part of the command's output. */
export function printNote(line: string): void {
  terminal().stderr.write(`${line}\n`);
}

/** Prints a secret that is nowhere else. @param again the command that makes another one */
export function printSecret(line: string, again: string): void {
  remedy = again;
  printLine(line);
}

/** A reader that has seen enough (`user list | head`) ends the command, it does not break it. */
export function onOutputError(error: NodeJS.ErrnoException): never {
  if (remedy !== undefined) {
    exitWith(`The secret could not be printed: make another one with ${remedy}`);
  }
  if (error.code === 'EPIPE') process.exit(0);
  exitWith(error);
}

/** One cell of a table: whatever an adopted database holds, nothing in it moves the cursor. */
export function cell(value: string | number | boolean | null): string {
  return value === null ? '-' : logText(String(value));
}

/** Columns wide enough for what is in them. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  for (const row of rows) {
    printLine(
      row
        .map((text, i) => text.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  }
}
