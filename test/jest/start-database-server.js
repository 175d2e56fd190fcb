import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import compile from './compile.js';

const PROGRAM = fileURLToPath(new URL('../support/database-server.js', import.meta.url));

/** Jest's `globalSetup` for what runs on PostgreSQL: starts the server, and puts its URL into the environment. */
export default async function startDatabaseServer(config) {
  await compile(config);
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
  if (typeof line !== 'string') {
    throw new Error(
      "There is no PostgreSQL for the tests. Was the service built ('npm run build')?",
    );
  }
  process.env.TEST_POSTGRES = line;
  globalThis.databaseServer = child;
}
