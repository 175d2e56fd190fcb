import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { spawnService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

/** A port that is free at the moment. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

describe('a log that can not be written', () => {
  it('does not end the service, which says so once', async () => {
    const folder = new TemporaryFolder();
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = await spawnService(folder, { PORT: String(port) }, full);
    const errors = text(child.stderr);
    const live = () => fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    await until(async () => (await live())?.status === 200);
    for (let i = 0; i < 20; i++) expect((await live())?.status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await errors).toMatch(/^The log can't be written: ENOSPC[^\n]*\n$/);
    closeSync(full);
    await folder.remove();
  });

  it('does not end it either where its errors go to the same disk', async () => {
    const folder = new TemporaryFolder();
    const port = await freePort();
    const full = openSync('/dev/full', 'w');
    const child = await spawnService(folder, { PORT: String(port) }, full, full);
    const live = () => fetch(`http://127.0.0.1:${port}/health/live`).catch(() => undefined);
    await until(async () => (await live())?.status === 200);
    expect((await live())?.status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    closeSync(full);
    await folder.remove();
  });
});
