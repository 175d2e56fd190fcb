import { setFlagsFromString } from 'node:v8';
import { exitWith } from './exit-status.js';
import { nodeProblem } from './node-version.js';

/** Runs before anything else is loaded, in the service and in the command line. */
export function prepareProcess(): void {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) exitWith(problem);

  // All files created here (.env, the database) are for the service's own user only.
  process.umask(0o077);

  // V8 lets the young generation grow to 16 MB halves while the program loads, and then promotes what a later
  // collection would have found dead. Halves of 1 MB mean more, much shorter collections: the same throughput with
  // two thirds of the memory (docs/performance.md). It has to be set before the heap grows.
  setFlagsFromString('--semi-space-growth-factor=1');
  // V8 lets the old one grow to several times what is alive in it. In a flood, what 500 requests in line held is dead soon.
  setFlagsFromString('--heap-growing-percent=60');
}
