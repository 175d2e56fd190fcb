import { base } from './jest.config.js';

/** Tests that drive a real Chromium: `npm run test:browser`. */
export default {
  ...base,
  testRegex: String.raw`\.browser\.e2e-spec\.ts$`,
  maxWorkers: '100%',
  testTimeout: 60_000,
};
