#!/usr/bin/env node
import { exitWith } from '../exit-status.js';
import { prepareProcess } from '../prepare-process.js';

prepareProcess();

try {
  const { runCommandLine } = await import('./run-command-line.js');
  process.exitCode = await runCommandLine(process.argv.slice(2));
} catch (error) {
  exitWith(error);
}
