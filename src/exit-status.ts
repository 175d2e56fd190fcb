import { messageOf } from './common/error-message.js';
import { moduleProblem } from './module-problem.js';

/** The status that a process ends with after an error: the error's own `exitStatus`, or 1. */
export function statusOf(error: unknown): number {
  const { exitStatus } = Object(error) as { exitStatus?: unknown };
  return typeof exitStatus === 'number' ? exitStatus : 1;
}

/** The message of an error that ends the process, with advice about a module that does not load. */
export function sentenceOf(error: unknown): string {
  return moduleProblem(error, process.versions.node) ?? messageOf(error);
}

/** Prints in plain words what failed, and ends the process with the status of the error. */
export function exitWith(error: unknown): never {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(statusOf(error));
}
