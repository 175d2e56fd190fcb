import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import bcrypt from 'bcrypt';
import { addUsers } from '../support/add-users.js';
import { PASSWORD } from '../support/create-test-app.js';
import { type ServiceProcess, startService } from '../support/processes.js';
import { logIn } from '../support/requests.js';
import { type Samples, scrape } from '../support/scrape.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const TOKEN = 'a-token-for-the-scraper-of-32-characters-or-more';
const CLOSE = { Connection: 'close' };
const LOGINS = 'latchkey_logins_total{outcome="success"}';

describe('With WORKERS=2', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;
  beforeEach(async () => {
    folder = new TemporaryFolder();
    await addUsers(folder, [{ username: 'alex', hashed_password: bcrypt.hashSync(PASSWORD, 10) }]);
  });
  afterEach(async () => {
    await service.end();
    await folder.remove();
  });

  const workers = () =>
    new Set(service.log.filter(({ msg }) => msg === 'request').map(({ worker }) => worker));

  /** Logs in, each time on a new connection, until both workers have served. @returns how often */
  async function logInAtBoth(): Promise<number> {
    let count = 0;
    await until(async () => {
      await logIn(service.url, {}, CLOSE);
      count++;
      return workers().size === 2;
    });
    return count;
  }

  it('METRICS_PORT has the metrics of both, and of one that has ended too', async () => {
    service = await startService(folder, { WORKERS: '2', METRICS_PORT: '0' });
    const text = service.lines.join('\n');
    const url = String(/http:\S+\/metrics/.exec(text)?.[0]);
    expect(text.match(/Metrics are at/g)).toHaveLength(1);
    const count = await logInAtBoth();
    const seen = await until(async () => {
      const samples = await scrape(url);
      return samples.get(LOGINS) === count && samples;
    });
    expect(
      seen.get('latchkey_http_request_duration_seconds_count{method="POST",route="/token"}'),
    ).toBe(count);
    // One database: its numbers are not added up.
    expect(seen.get('latchkey_sessions_live')).toBeLessThanOrEqual(count);
    expect(infoOf(seen)).toEqual([1]);

    const [worker] = childrenOf(service.child.pid);
    process.kill(worker!, 'SIGKILL');
    await until(() => service.log.some(({ msg }) => String(msg).startsWith('a worker ended')));
    expect((await scrape(url)).get(LOGINS)).toBe(count);
  });

  it('METRICS_TOKEN has them too, whichever worker is asked', async () => {
    service = await startService(folder, { WORKERS: '2', METRICS_TOKEN: TOKEN });
    const count = await logInAtBoth();
    const askedBoth = new Set<unknown>();
    const headers = { ...CLOSE, Authorization: `Bearer ${TOKEN}` };
    await until(async () => {
      const response = await fetch(`${service.url}/metrics`, { headers });
      expect(response.status).toBe(200);
      expect(await response.text()).toContain(`\n${LOGINS} ${count}\n`);
      for (const line of service.log) if (line.route === '/metrics') askedBoth.add(line.worker);
      return askedBoth.size === 2;
    });
  });
});

function infoOf(samples: Samples): number[] {
  return [...samples].filter(([name]) => name.startsWith('latchkey_build_info')).map(([, n]) => n);
}

/** The processes that this one has started. */
function childrenOf(pid: number | undefined): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
