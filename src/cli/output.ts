import { logText } from '../common/log-text.js';
import { exitWith } from '../exit-status.js';
import { terminal } from './terminal.js';

/** The command that makes a new secret in place of the one that was printed. */
let remedy: string | undefined;

export function printLine(line: string): void {
  terminal().stdout.write(`${line}\n`);
}

/** Prints on standard error what is not part of the command's output. */
export function printNote(line: string): void {
  terminal().stderr.write(`${line}\n`);
}

/** Prints a secret that is stored nowhere. @param again the command that makes another one */
export function printSecret(line: string, again: string): void {
  remedy = again;
  printLine(line);
}

/** A reader that has read enough (`user list | head`) ends the command without an error. */
export function onOutputError(error: NodeJS.ErrnoException): never {
  if (remedy !== undefined) {
    exitWith(`The secret could not be printed: make another one with ${remedy}`);
  }
  if (error.code === 'EPIPE') process.exit(0);
  exitWith(error);
}

/** One cell of a table: nothing in it moves the cursor, whatever an adopted database holds. */
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
