import { describe, expect, it } from '@jest/globals';
import { nodeProblem } from './node-version.js';

describe('the version of Node', () => {
  it.each([
    '20.19.0',
    '20.20.2',
    '22.14.0',
    '22.23.3',
    '24.0.0',
    '24.21.0',
    '25.9.0',
    '26.10.0',
    '28.0.0',
  ])('may be %s', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '22.13.1', '23.11.1'])(
    'is refused in a sentence when it is %s',
    (version) => {
      expect(nodeProblem(version)).toContain(`this is Node ${version}`);
    },
  );
});
