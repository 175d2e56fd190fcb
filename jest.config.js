/** What every kind of test has in common. */
export const base = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src', '<rootDir>/test'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
};

/** A PostgreSQL server for the whole run. */
const server = {
  globalSetup: '<rootDir>/test/support/start-database-server.js',
  globalTeardown: '<rootDir>/test/support/stop-database-server.js',
};

/** `name.e2e-spec.ts`, or `name.<kind>.e2e-spec.ts` for one of the kinds. */
const endToEnd = (kinds) => String.raw`/test/[^./]+(\.(${kinds}))?\.e2e-spec\.ts$`;

/**
 * Unit tests, and the end-to-end tests on both databases. The name of a file says which ones it runs on:
 *
 *     thing.e2e-spec.ts            SQLite, and PostgreSQL once more
 *     thing.sqlite.e2e-spec.ts     SQLite alone: it is about the file, its locks, or who adopts one
 *     thing.postgres.e2e-spec.ts   PostgreSQL alone: it is about the server and its connections
 *     thing.once.e2e-spec.ts       once: it makes the databases that it compares itself, or asks none
 *     thing.browser.e2e-spec.ts    a browser, on SQLite: jest.browser.config.js
 *
 * `--selectProjects sqlite` runs one half.
 */
export default {
  projects: [
    { ...base, displayName: 'unit', testRegex: String.raw`/src/.*\.spec\.ts$` },
    {
      ...base,
      ...server,
      displayName: 'once',
      testRegex: String.raw`\.once\.e2e-spec\.ts$`,
    },
    { ...base, displayName: 'sqlite', testRegex: endToEnd('sqlite') },
    {
      ...base,
      ...server,
      displayName: 'postgres',
      testRegex: endToEnd('postgres'),
      globals: { testDatabase: 'PostgreSQL' },
    },
  ],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageReporters: ['text-summary', 'lcovonly'],
  maxWorkers: '100%',
  // Modules of a file that has run are never freed: without it a worker's last files take ten times as long.
  workerIdleMemoryLimit: '1GB',
  // A ceiling for the slowest machine, not a measure: a test ends when its condition is there.
  testTimeout: 120_000,
};
