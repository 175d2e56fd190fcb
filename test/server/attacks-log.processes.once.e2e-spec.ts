import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ServiceProcess, startService } from '../support/processes.js';
import { sendRaw } from '../support/raw-http.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

describe('the log of a service behind a trusted proxy', () => {
  const folder = new TemporaryFolder();
  let service: ServiceProcess;

  beforeAll(async () => {
    service = await startService(folder, { TRUSTED_PROXIES: '127.0.0.0/8' });
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  it('has nothing from X-Forwarded-For that a terminal acts on, and no long line', async () => {
    const forged = `\x9b31m"${'\\'.repeat(7_000)}`;
    const lines = ['GET /users/me HTTP/1.1', 'Host: x', 'Connection: close'];
    const head = [...lines, `X-Forwarded-For: ${forged}`, '', ''].join('\r\n');
    const answer = await sendRaw(Number(new URL(service.url).port), Buffer.from(head, 'latin1'));
    expect(answer).toMatch(/^HTTP\/1\.1 401/);
    await service.end();
    const refusal = service.log.find(({ event }) => event === 'token_refused');
    expect(refusal?.ip).toMatch(/^\uFFFD31m"/);
    for (const line of service.lines) expect(line.length).toBeLessThan(8 * 1024);
  });
});
