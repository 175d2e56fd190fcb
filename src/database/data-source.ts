import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as loadEnvFile } from 'dotenv';
import { DataSource } from 'typeorm';
import { parseEnv } from '../config/config.module.js';
import { DatabaseSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';

loadEnvFile({ path: resolve('.env'), quiet: true });

const { target } = new DatabaseSettings(parseEnv(process.env));

/** For the TypeORM CLI: `npm run migration:generate`, `:run`, `:revert`, `:show`. */
export default new DataSource({
  ...dataSourceOptions(target),
  entities: [fileURLToPath(new URL('../**/*.entity.js', import.meta.url))],
});
