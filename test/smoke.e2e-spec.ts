import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestApp, type TestApp } from './support/create-test-app.js';
import { runCli, startService } from './support/processes.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { makeTutorialDatabase, TUTORIAL_HASH } from './support/tutorial-database.js';

describe('smoke', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
  });
  afterAll(() => app.close());
  it('logs in and reads', async () => {
    const token = await app.accessToken();
    expect(await (await app.readProfile(token)).json()).toEqual({
      'user data': { username: 'alex', email: null, full_name: null, disabled: false },
    });
  });
  it('process', async () => {
    const folder = new TemporaryFolder();
    makeTutorialDatabase(folder.join('users.db'), [
      { id: 2, username: 'alex', hashed_password: TUTORIAL_HASH },
    ]);
    const service = await startService(folder);
    const { stdout, status } = await runCli(folder, ['user', 'list', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toHaveLength(1);
    expect(await service.end()).toBe(0);
    folder.remove();
  });
});
