import { setFlagsFromString } from 'node:v8';
import { exitWith } from './exit-status.js';
import { nodeProblem } from './node-version.js';

/** What comes before anything is loaded, in the service and in the command line. */
export function prepareProcess(): void {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) exitWith(problem);

  // Whatever is made here (.env, the database) is for the service's own user only.
  process.umask(0o077);

  // V8 lets the young generation grow to 16 MB halves while the program loads, and then promotes what a later
  // look would have found dead. Halves of 1 MB make more, much shorter collections: the same throughput with
  // two thirds of the memory (docs/performance.md). It has to be said before there is anything to grow for.
  setFlagsFromString('--semi-space-growth-factor=1');
  // V8 lets the old one grow to several times what is alive in it. In a flood, what 500 requests in line held is dead soon.
  setFlagsFromString('--heap-growing-percent=60');
}
