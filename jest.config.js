import { availableParallelism } from 'node:os';

/** What every kind of test has in common. */
export const base = {
  testEnvironment: '<rootDir>/test/jest/environment.cjs',
  runtime: '<rootDir>/test/jest/runtime.cjs',
  globalSetup: '<rootDir>/test/jest/compile.js',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  // For files that no test loads: compile.js has compiled the others.
  transform: { '^.+\\.ts$': '@swc/jest' },
};

/** With a PostgreSQL server for the whole run. */
const withServer = {
  ...base,
  globalSetup: '<rootDir>/test/jest/start-database-server.js',
  globalTeardown: '<rootDir>/test/jest/stop-database-server.js',
};

const onPostgres = { ...withServer, globals: { testDatabase: 'PostgreSQL' } };

/** `name.e2e-spec.ts`, or with words before that; each of `alternatives` stands for one, or none, of them. */
const endToEnd = (...alternatives) =>
  String.raw`/test/[^/]+/[^./]+${alternatives.join('')}\.e2e-spec\.ts$`;

/**
 * A folder a room of `src`. The name of a file says what it needs, and on which database it runs:
 *
 *     thing.e2e-spec.ts                 in the process of the tests: on SQLite, and on PostgreSQL once more
 *     thing.processes.e2e-spec.ts       in processes of its own: the built service, the built command line
 *     thing.smoke.e2e-spec.ts           the same, of what has to work everywhere
 *     thing.….sqlite.e2e-spec.ts        SQLite alone: it is about the file, its locks, or who adopts one
 *     thing.….postgres.e2e-spec.ts      PostgreSQL alone: it is about the server and its connections
 *     thing.….once.e2e-spec.ts          once: it does not depend on the database, or makes those that it compares
 *     thing.browser.e2e-spec.ts         a browser, on SQLite: jest.browser.config.js
 *
 * `npm test` runs what needs no process, on SQLite, and the smoke part on both; `npm run test:all` everything.
 */
export default {
  projects: [
    { ...base, displayName: 'unit', testRegex: String.raw`/src/.*\.spec\.ts$` },
    { ...withServer, displayName: 'once', testRegex: endToEnd(String.raw`\.once`) },
    { ...base, displayName: 'sqlite', testRegex: endToEnd(String.raw`(\.sqlite)?`) },
    { ...onPostgres, displayName: 'postgres', testRegex: endToEnd(String.raw`(\.postgres)?`) },
    { ...base, displayName: 'smoke', testRegex: endToEnd(String.raw`\.smoke`) },
    { ...onPostgres, displayName: 'smoke-postgres', testRegex: endToEnd(String.raw`\.smoke`) },
    {
      ...withServer,
      displayName: 'processes',
      testRegex: endToEnd(String.raw`\.processes`, String.raw`(\.(sqlite|once))?`),
    },
    {
      ...onPostgres,
      displayName: 'processes-postgres',
      testRegex: endToEnd(String.raw`\.processes`, String.raw`(\.postgres)?`),
    },
  ],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  // Half as many again as there are cores: a good part of the tests wait for a clock, a process or a database.
  maxWorkers: Math.ceil(1.5 * availableParallelism()),
  // A ceiling for the slowest machine, not a measure: a test ends when its condition is there.
  testTimeout: 120_000,
};
