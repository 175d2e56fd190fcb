import { availableParallelism } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Instrumentation } from '../common/instrumentation.js';
import { HashingQueue } from '../crypto/hashing-queue.js';
import { DatabaseUnavailable, UniqueViolation } from '../database/database-errors.js';
import { Metrics } from './metrics.js';

const CORES = availableParallelism();

describe('Metrics', () => {
  let instrumentation: Instrumentation;
  let metrics: Metrics;
  let queue: HashingQueue;
  let sessions: () => Promise<number>;
  let asked: number;

  beforeEach(() => {
    instrumentation = new Instrumentation();
    queue = new HashingQueue(CORES, instrumentation);
    asked = 0;
    sessions = () => Promise.resolve(7);
    metrics = new Metrics({
      hashesWaiting: () => queue.depth,
      hashesRunning: () => queue.active,
      liveSessions: () => {
        asked++;
        return sessions();
      },
      mailsWaiting: () => Promise.resolve(0),
    });
    instrumentation.add(metrics);
  });
  afterEach(() => metrics.registry.clear());

  const settled = () => new Promise(setImmediate);
  const lines = async () => (await metrics.text()).split('\n');

  it('report the hashes that run and wait, and those that leave the line', async () => {
    const open: (() => void)[] = [];
    const job = () => new Promise<void>((resolve) => void open.push(resolve));
    const leaver = new AbortController();
    const jobs = Array.from({ length: CORES + 1 }, () => queue.run(job));
    const left = queue.run(job, { signal: leaver.signal }).catch(() => undefined);
    await settled();
    expect(await lines()).toEqual(
      expect.arrayContaining([
        `latchkey_hashes_running ${CORES}`,
        'latchkey_hash_queue_depth 2',
        `latchkey_hash_wait_seconds_count ${CORES}`,
        // As long as any may wait at most.
        `latchkey_hash_wait_seconds_bucket{le="5"} ${CORES}`,
        'latchkey_hash_duration_seconds_count 0',
      ]),
    );
    leaver.abort();
    await left;
    open.forEach((finish) => finish());
    await settled();
    open.forEach((finish) => finish());
    await Promise.all(jobs);
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'latchkey_hashes_running 0',
        'latchkey_hash_queue_depth 0',
        `latchkey_hash_duration_seconds_count ${CORES + 1}`,
        'latchkey_hash_refusals_total{reason="aborted"} 1',
        'latchkey_hash_refusals_total{reason="full"} 0',
      ]),
    );
  });

  it('count a full line', async () => {
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 400));
    // The queue learns how long a job takes, and then what waits in line for over 5 s.
    await queue.run(slow);
    const all = Array.from({ length: CORES * 16 }, () => queue.run(slow).catch(() => undefined));
    const refused = (await lines()).find((line) => line.includes('reason="full"'));
    expect(Number(refused?.split(' ')[1])).toBeGreaterThan(0);
    await Promise.all(all);
  });

  const fails = (error: unknown) =>
    instrumentation.during({ kind: 'database', type: 'statement', statements: [] }, () =>
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      Promise.reject(error),
    );

  it.each([
    [{ code: 'SQLITE_BUSY' }, 'busy'],
    [{ code: 'SQLITE_FULL' }, 'full'],
    [{ code: 'SQLITE_READONLY_DBMOVED' }, 'file'],
    [{ code: 'SQLITE_IOERR_WRITE' }, 'file'],
    [{ code: 'ECONNREFUSED' }, 'connection'],
    [{ code: '57P01' }, 'connection'],
    [{ message: 'Connection terminated unexpectedly' }, 'connection'],
    [{ code: '57014' }, 'timeout'],
    [{ message: 'Query read timeout' }, 'timeout'],
    [{ message: 'Connection terminated due to connection timeout' }, 'timeout'],
    [{ code: '42P01' }, 'other'],
    [undefined, 'other'],
  ])('call the failure %j %s', async (cause, kind) => {
    await expect(fails(new DatabaseUnavailable(cause))).rejects.toThrow(DatabaseUnavailable);
    const failures = (await lines()).filter((line) => /database_failures_total.* 1$/.test(line));
    expect(failures).toEqual([`latchkey_database_failures_total{kind="${kind}"} 1`]);
  });

  it('do not call a name that is taken a failure', async () => {
    await expect(fails(new UniqueViolation('username'))).rejects.toThrow(UniqueViolation);
    expect((await lines()).filter((line) => /failures_total.* [^0]$/.test(line))).toEqual([]);
  });

  it('put a reason that is in no list under other', async () => {
    instrumentation.happened('refresh_refused', 'somebody-made-this-up');
    instrumentation.happened('session_ended');
    const made = (await lines()).filter((line) => line.includes('other"'));
    expect(made).toContain('latchkey_refreshes_total{outcome="other"} 1');
    expect(made).toContain('latchkey_sessions_ended_total{reason="other"} 1');
    expect(await metrics.text()).not.toContain('made-this-up');
  });

  it('ask the database once for many scrapes', async () => {
    await Promise.all([metrics.text(), metrics.text()]);
    expect(await lines()).toContain('latchkey_sessions_live 7');
    expect(asked).toBe(1);
  });

  it('leave out what the database does not return', async () => {
    sessions = () => Promise.reject(new DatabaseUnavailable(undefined));
    const told = await lines();
    expect(told.filter((line) => line.startsWith('latchkey_sessions_live'))).toEqual([]);
    expect(told).toContain('latchkey_mail_outbox_messages 0');
  });
});

describe('Instrumentation', () => {
  it('shows the work to every observer, and passes on what it returns or throws', async () => {
    const instrumentation = new Instrumentation();
    const seen: string[] = [];
    for (const name of ['first', 'second']) {
      instrumentation.add({
        during: async (work, run) => {
          seen.push(`${name} ${work.kind}`);
          return run();
        },
      });
    }
    instrumentation.add({ happened: (event) => void seen.push(event) });
    expect(await instrumentation.during({ kind: 'hash' }, () => Promise.resolve(3))).toBe(3);
    const error = new Error('no');
    await expect(
      instrumentation.during({ kind: 'hash' }, () => Promise.reject(error)),
    ).rejects.toBe(error);
    instrumentation.happened('login_failed', 'mismatch');
    const both = ['second hash', 'first hash'];
    expect(seen).toEqual([...both, ...both, 'login_failed']);
  });
});
