import { messageOf } from './common/error-message.js';

/** Node's codes for a module that is not there, or was made for another version of Node. */
const NOT_LOADED = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND', 'ERR_DLOPEN_FAILED'];

/** The status that a process ends with after an error: the error's own `exitStatus`, or 1. */
export function statusOf(error: unknown): number {
  const { exitStatus } = Object(error) as { exitStatus?: unknown };
  return typeof exitStatus === 'number' ? exitStatus : 1;
}

/** What an error that ends the process says: one sentence, and what to do where a module is missing. */
export function sentenceOf(error: unknown): string {
  const { code } = Object(error) as { code?: unknown };
  if (!NOT_LOADED.includes(String(code))) return messageOf(error);
  const [what = ''] = messageOf(error).split('\n');
  return `${what}. Install the dependencies with this Node (${process.version}): npm ci`;
}

/** Says in plain words what failed, and ends the process with the status of the error. */
export function exitWith(error: unknown): never {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(statusOf(error));
}
