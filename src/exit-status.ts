import { messageOf } from './common/error-message.js';
import { ConfigError, EX_CONFIG } from './config/config-error.js';
import { moduleProblem } from './module-problem.js';

/** Says in plain words what failed, and ends the process: with 78 for a bad configuration, 1 otherwise. */
export function exitWith(error: unknown, status?: number): never {
  const text = moduleProblem(error, process.versions.node) ?? messageOf(error);
  process.stderr.write(`${text}\n`);
  process.exit(status ?? (error instanceof ConfigError ? EX_CONFIG : 1));
}
