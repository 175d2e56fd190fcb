import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { rate, readProfiles, refreshAll } from './load.js';
import { accessTokensFor, addSessions } from './sessions.js';
import { addUsers, makeFolder, startService, stop } from './setup.js';
import { compare, row } from './table.js';

const SECONDS = 3;

/** Of the kernel, for processor time in /proc. */
const TICKS_A_SECOND = 100;

/**
 * Two workers compared with one, without the load's share: it runs on the same cores, so what is answered in a second
 * says more about it than about the service. What one event loop can do is bounded by its own processor time, and all
 * of them together by the cores: see `capacity`.
 */
export async function measureWorkers() {
  const [one, two] = await Promise.all(['1', '2'].map(startWorkers));
  const reading = ({ url, tokens }) => readProfiles(url, tokens, { duration: SECONDS });
  const both = [() => capacity(two, reading), () => capacity(one, reading)];
  await compare('GET /users/me with 2 workers, load counted out', both, '1 worker', '>= 1.70');
  const seen = [two, one].map((service) => async () => rate(await reading(service)));
  await compare('the same beside the load', seen, '1 worker', '');
  const refreshing = ({ url, folder }) => refreshAll(url, addSessions(folder, 32), SECONDS);
  const written = [two, one].map((service) => async () => rate(await refreshing(service)));
  await compare('refreshes with 2 workers on SQLite, beside the load', written, '1 worker', '');
  await Promise.all([stop(one), stop(two)]);
  await measureWaits(refreshing);
}

/** Four processes that write to one SQLite file: the wait of the slowest for the others, and whether any is refused. */
async function measureWaits(refreshing) {
  const four = await startWorkers('4');
  const { latency, non2xx } = await refreshing(four);
  row('refreshes with 4 workers: p99', `${latency.p99} ms`, '', '', '< 500 ms');
  row('of them refused', String(non2xx), '', '', '0');
  await stop(four);
}

async function startWorkers(count) {
  const folder = makeFolder();
  const service = await startService(folder, { WORKERS: count });
  await addUsers(folder, 1_000);
  const tokens = await accessTokensFor(service.url, addSessions(folder, 200));
  return { ...service, folder, tokens };
}

/**
 * Requests a second that the service would answer if the load took nothing from it: as many as were answered, by the
 * processor time of the busiest event loop; or by all processor time of all its processes, shared by the cores, if
 * that is more.
 */
async function capacity(service, load) {
  const before = processorTimes(service.child.pid);
  const result = await load(service);
  const after = processorTimes(service.child.pid);
  const spent = (kind) => after.map((times, i) => times[kind] - before[i][kind]);
  const busiest = Math.max(...spent('loop'));
  const all = spent('all').reduce((sum, time) => sum + time);
  return result['2xx'] / Math.max(busiest, all / availableParallelism());
}

/** Of the process and the workers it has, in seconds: of the thread of its event loop, and of all its threads. */
function processorTimes(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...children.split(' ').filter(Boolean)].map((id) => ({
    loop: timeIn(`/proc/${id}/task/${id}/stat`),
    all: timeIn(`/proc/${id}/stat`),
  }));
}

/** User and system time of a `stat` file: its 14th and 15th field, proc_pid_stat(5). */
function timeIn(path) {
  // The second field is a name in parentheses, which may contain spaces.
  const fields = readFileSync(path, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
