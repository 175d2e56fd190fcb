import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { openSqlite } from '../../build/database/sqlite-driver.js';
import { end, startProgram } from './processes.js';

/** Makes a separate process hold a lock of the SQLite file. @param kind IMMEDIATE or EXCLUSIVE */
export async function holdLock(experiment, path, kind) {
  const args = [fileURLToPath(import.meta.url), path, kind];
  const child = startProgram(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  experiment.atEnd(() => end(child, 'SIGKILL'));
  await once(child.stdout, 'data');
  return {
    async release() {
      const ended = once(child, 'exit');
      child.stdin.end('\n');
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , path, kind] = process.argv;
  const database = openSqlite(path, { timeout: 5_000 });
  database.exec(`BEGIN ${kind}`);
  // A change that is not committed: a lock that is only held would not show what readers see.
  database.exec("UPDATE users SET full_name = 'not committed'");
  process.stdout.write('held\n');
  process.stdin.once('data', () => {
    database.exec('ROLLBACK');
    database.close();
    process.exit();
  });
}
