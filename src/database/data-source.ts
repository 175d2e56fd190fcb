import { fileURLToPath } from 'node:url';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { parseVariable } from '../config/config.module.js';
import { exitWith } from '../exit-status.js';
import { nodeProblem } from '../node-version.js';
import { dataSourceOptions, withoutTimeouts } from './data-source-options.js';

/** For the TypeORM CLI: `npm run migration:generate`, `:run`, `:revert`, `:show`. */
export default new DataSource({
  ...readOptions(),
  entities: [fileURLToPath(new URL('../**/*.entity.js', import.meta.url))],
});

/** The TypeORM CLI would print a stack, and end with 1. */
function readOptions(): DataSourceOptions {
  const problem = nodeProblem(process.versions.node);
  if (problem !== undefined) exitWith(problem);
  try {
    return withoutTimeouts(dataSourceOptions(parseVariable('DATABASE_URL')));
  } catch (error) {
    exitWith(error);
  }
}
