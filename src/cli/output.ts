import { logText } from '../common/log-text.js';
import { exitWith } from '../exit-status.js';

let hasPrintedSecret = false;

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints a secret that is nowhere else. */
export function printSecret(line: string): void {
  hasPrintedSecret = true;
  printLine(line);
}

/** A reader that has seen enough (`user list | head`) ends the command, it does not break it. */
export function onOutputError(error: NodeJS.ErrnoException): never {
  if (hasPrintedSecret) {
    exitWith('The secret could not be printed: make another one with client rotate');
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
