import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '../../src/database/sqlite-driver.js';
import { spawnService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { makeTutorialDatabase } from '../support/tutorial-database.js';
import { until } from '../support/until.js';

/** Whether the process has the file open. */
function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => {
    try {
      return readlinkSync(`${folder}/${fd}`) === path;
    } catch {
      return false;
    }
  });
}

describe('SIGTERM during the start', () => {
  it('ends it at once, with 0', async () => {
    const folder = new TemporaryFolder();
    makeTutorialDatabase(folder.join('users.db'));
    const other = openSqlite(folder.join('users.db'));
    // Keeps the start from ever finishing.
    other.exec('BEGIN EXCLUSIVE');
    const child = await spawnService(folder);
    await until(() => hasOpen(child.pid, folder.join('users.db')));
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    other.close();
    await folder.remove();
  });
});
