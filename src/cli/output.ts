import { logText } from '../common/log-text.js';

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
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
