import { describe, expect, it } from '@jest/globals';
import { nodeProblem } from './node-version.js';

describe('the version of Node', () => {
  it.each(['20.19.0', '20.20.2', '22.12.0', '22.23.3'])('may be %s', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });

  it.each(['18.20.8', '20.18.3', '21.7.3', '23.11.0', '24.19.0', '26.0.0'])(
    'is refused in a sentence when it is %s',
    (version) => {
      expect(nodeProblem(version)).toContain(`this is Node ${version}`);
    },
  );
});
