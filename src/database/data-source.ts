import { fileURLToPath } from 'node:url';
import { DataSource } from 'typeorm';
import { parseEnv, readEnvironment } from '../config/config.module.js';
import { DatabaseSettings } from '../config/settings.js';
import { dataSourceOptions } from './data-source-options.js';

const { target } = new DatabaseSettings(parseEnv(readEnvironment()));

/** For the TypeORM CLI: `npm run migration:generate`, `:run`, `:revert`, `:show`. */
export default new DataSource({
  ...dataSourceOptions(target),
  entities: [fileURLToPath(new URL('../**/*.entity.js', import.meta.url))],
});
