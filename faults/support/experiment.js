import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What an experiment gets: a place for its figures, and for cleanups. */
export class Experiment {
  figures = [];
  #undo = [];
  #logs = new Set();

  constructor({ isQuick }) {
    this.isQuick = isQuick;
  }

  /** Whether anything was measured, and all of it held. */
  get holds() {
    return this.figures.length > 0 && this.figures.every(({ holds }) => holds);
  }

  /**
   * One figure.
   * @param what is measured
   * @param measured as it is printed
   * @param mark what is required, as it is printed; undefined for a figure that is only informative
   * @param holds whether it is as required
   */
  report(what, measured, mark, holds = true) {
    this.figures.push({ what, measured: String(measured), mark: mark ?? '', holds });
    const verdict = holds ? (mark === undefined ? '    ' : 'ok  ') : 'FAIL';
    const wanted = mark === undefined ? '' : ` (${mark})`;
    process.stdout.write(`  ${verdict} ${what}: ${measured}${wanted}\n`);
  }

  /** @param unit of both */
  atMost(what, measured, limit, unit = 'ms') {
    this.report(what, `${round(measured)} ${unit}`, `at most ${limit} ${unit}`, measured <= limit);
  }

  atLeast(what, measured, limit, unit = '') {
    const text = (value) => `${value} ${unit}`.trim();
    this.report(what, text(round(measured)), `at least ${text(limit)}`, measured >= limit);
  }

  /** For an exact value. */
  is(what, measured, wanted) {
    const [found, text] = [measured, wanted].map((value) =>
      typeof value === 'string' ? value : JSON.stringify(value),
    );
    this.report(what, found, text, found === text);
  }

  /** Prints the progress. */
  note(text) {
    process.stdout.write(`       ${text}\n`);
  }

  /** Registers a cleanup for the end, run in reverse order. */
  atEnd(undo) {
    this.#undo.push(undo);
  }

  /** A temporary folder, removed at the end. */
  folder() {
    const path = mkdtempSync(join(tmpdir(), 'latchkey-fault-'));
    this.atEnd(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  /** A file whose end is printed when the experiment aborts. */
  keepLog(path) {
    this.#logs.add(path);
  }

  printLogs() {
    for (const path of this.#logs) {
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
      process.stdout.write(
        `  the end of ${path}:\n    ${lines
          .slice(-5)
          .map((line) => line.slice(0, 200))
          .join('\n    ')}\n`,
      );
    }
  }

  async end() {
    for (const undo of this.#undo.splice(0).reverse()) {
      try {
        await undo();
      } catch (error) {
        process.stdout.write(`  not undone: ${error.message}\n`);
      }
    }
  }
}

function round(value) {
  return Math.abs(value) < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
