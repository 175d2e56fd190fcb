import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PASSWORD } from '../support/create-test-app.js';
import { runCliProcess } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

describe('The built command line', () => {
  let folder: TemporaryFolder;
  beforeAll(() => void (folder = new TemporaryFolder()));
  afterAll(() => folder.remove());

  const cli = (args: string[], changes: Record<string, string> = {}) =>
    runCliProcess(folder, args, changes);

  it('makes users and lists them', async () => {
    const create = ['user', 'create', 'alex', '--password-stdin'];
    expect(await cli(create, { input: PASSWORD })).toEqual({
      status: 0,
      stdout: 'Created the user alex\n',
      stderr: '',
    });
    const { stdout } = await cli(['user', 'list', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      { id: 1, username: 'alex', email: null, full_name: null, disabled: false },
    ]);
  });

  it('exits 1 for what is refused, 2 for what it does not know, 78 for a bad configuration', async () => {
    const refused = await cli(['user', 'show', 'nobody']);
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(await cli(['usr'])).toMatchObject({ status: 2, stdout: '' });
    const unconfigured = await cli(['user', 'list'], { ALGORITHM: 'none' });
    expect(unconfigured).toMatchObject({ status: 78, stdout: '' });
    for (const { stderr } of [refused, unconfigured])
      expect(stderr).not.toMatch(/\bat .*\.[cm]?js/);
  });

  it('examines the installation', async () => {
    const { status, stdout } = await cli(['doctor', '--json']);
    expect({ status, found: JSON.parse(stdout) as object }).toMatchObject({
      status: 0,
      found: { serious: 0 },
    });
  });
});
