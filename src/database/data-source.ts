import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { ConfigError, EX_CONFIG } from '../config/config-error.js';
import { parseVariable } from '../config/config.module.js';
import type { DatabaseTarget } from '../config/database-url.js';
import { dataSourceOptions, withoutTimeouts } from './data-source-options.js';

/** For the TypeORM CLI: `npm run migration:generate`, `:run`, `:revert`, `:show`. */
export default new DataSource({
  ...withoutTimeouts(dataSourceOptions(readTarget())),
  entities: [fileURLToPath(new URL('../**/*.entity.js', import.meta.url))],
});

/** The TypeORM CLI would print a stack, and end with 1. */
function readTarget(): DatabaseTarget {
  try {
    return parseVariable('DATABASE_URL');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EX_CONFIG);
  }
}
