import { once } from 'node:events';

/** Jest's `globalTeardown`. */
export default async function stopDatabaseServer() {
  const child = globalThis.databaseServer;
  if (child === undefined || child.exitCode !== null) return;
  child.stdin.end();
  await once(child, 'exit');
}
