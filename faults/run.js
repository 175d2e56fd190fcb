/**
 * Runs the experiments of this folder one after the other against the built service, and prints for each what was
 * measured and what was required. Ends with 1 if any did not hold, or could not be run.
 *
 *   npm run test:faults                          all of them
 *   npm run test:faults -- kill-nine disk-full   those alone
 *   npm run test:faults -- --quick               with fewer rounds
 *   npm run test:faults -- --allow-not-run       what this machine lacks is not a failure
 *
 * An experiment is a module next to this one: a comment on what is broken and what must hold, a sentence
 * `export const claim`, and `export async function run(experiment)` (support/experiment.js).
 */
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Experiment } from './support/experiment.js';
import { NotRun } from './support/not-run.js';
import { killAll } from './support/processes.js';
import { printTable } from './support/table.js';

/** How long one experiment may take, in milliseconds. */
const LONGEST = 20 * 60_000;

const HERE = new URL('.', import.meta.url);

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean' }, 'allow-not-run': { type: 'boolean' } },
});

/** @returns the name, the outcome, and the figures */
async function perform(name) {
  const { claim, run } = await import(new URL(`${name}.js`, HERE));
  process.stdout.write(`\n${name}: ${claim}\n`);
  const experiment = new Experiment({ isQuick: options.quick === true });
  running = experiment;
  const begin = performance.now();
  let verdict;
  try {
    await withLimit(run(experiment));
    verdict = experiment.holds ? 'PASS' : 'FAIL';
  } catch (error) {
    verdict = error instanceof NotRun ? 'NOT RUN' : 'FAIL';
    process.stdout.write(`  ${error instanceof NotRun ? error.message : error.stack}\n`);
  } finally {
    if (verdict === 'FAIL') experiment.printLogs();
    await experiment.end();
  }
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  process.stdout.write(`  ${verdict} after ${seconds} s\n`);
  return { name, verdict, figures: experiment.figures };
}

async function withLimit(work) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('It took too long')), LONGEST);
  });
  await Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

function allNames() {
  return readdirSync(HERE)
    .filter((file) => file.endsWith('.js') && file !== 'run.js')
    .map((file) => file.slice(0, -'.js'.length))
    .sort();
}

let running;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    killAll();
    void running?.end().finally(() => process.exit(1));
    setTimeout(() => process.exit(1), 5_000);
  });
}
process.on('exit', killAll);

const unknown = names.filter((name) => !existsSync(new URL(`${name}.js`, HERE)));
if (unknown.length > 0) {
  process.stderr.write(`There is no ${unknown.join(', ')}. There are: ${allNames().join(', ')}\n`);
  process.exit(2);
}
const results = [];
for (const name of names.length > 0 ? names : allNames()) results.push(await perform(name));
printTable(results);
const isFine = ({ verdict }) =>
  verdict === 'PASS' || (verdict === 'NOT RUN' && options['allow-not-run'] === true);
// Not process.exitCode: something that an experiment left open must not keep this from ending.
process.exit(results.every(isFine) ? 0 : 1);
