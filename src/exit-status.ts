import { messageOf } from './common/error-message.js';
import { ConfigError, EX_CONFIG } from './config/config-error.js';

/** Says in plain words what failed, and ends the process: with 78 for a bad configuration, 1 otherwise. */
export function exitWith(error: unknown, status?: number): never {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(status ?? (error instanceof ConfigError ? EX_CONFIG : 1));
}
