import { describe, expect, it } from '@jest/globals';
import { idleConnection, isRefused } from '../support/connections.js';
import { startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

describe('SIGTERM to one of several instances behind a proxy', () => {
  it('lets an idle connection be used once more, for a request that may be in transit', async () => {
    const folder = new TemporaryFolder();
    const service = await startService(folder, { TRUSTED_PROXIES: '127.0.0.1' });
    const { closed, request, answers, text } = await idleConnection(service.url);
    const status = service.end();
    await until(() => isRefused(service.url));
    request();
    await closed;
    expect(answers()).toEqual(['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK']);
    expect(text().match(/^Connection: .*/gim)).toEqual([
      'Connection: keep-alive',
      'Connection: close',
    ]);
    expect(await status).toBe(0);
    await folder.remove();
  });
});
