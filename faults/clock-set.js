/**
 * The clock of the machine is set forward and back while the service runs: by an hour, a day, and a year that lasts
 * long enough for the sweep of dead rows. Only the service sees it (libfaketime). Meanwhile tokens are refused that
 * are expired by that clock, or not valid yet; nothing is an error of the service; and when the clock is
 * right again, every session is live, and earlier tokens are valid: nothing was removed, no key retired.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { logIn, readProfile, refresh, send } from './support/http.js';
import { NotRun } from './support/not-run.js';
import { runCli, startService, stateOf, until } from './support/processes.js';
import { makeUsers, PASSWORD, tokensOf } from './support/users.js';

export const claim = 'a clock that is set forward and back ends no session and retires no key';

const LIBRARY = ['x86_64-linux-gnu', 'aarch64-linux-gnu']
  .map((machine) => `/usr/lib/${machine}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

const HOUR = 3600;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** The sweep runs every minute, the work on keys every 2 s; in milliseconds. */
const SWEEP = 63_000;
const KEY_WORK = 5_000;

export async function run(experiment) {
  if (LIBRARY === undefined) throw new NotRun('libfaketime, the package of that name on Debian');
  const folder = experiment.folder();
  const clock = new FakeClock(join(folder, 'time'));
  const changes = { ALGORITHM: 'ES256' };
  const service = await startService(experiment, { ...changes, ...clock.environment }, { folder });
  const [name] = await makeUsers(folder, changes, 1);
  await runCli(folder, changes, 'key', 'rotate');
  await sleep(KEY_WORK);
  const place = { experiment, url: service.url, clock, name };
  if (!experiment.isQuick)
    await leap(place, 'an hour forward', HOUR, { wait: KEY_WORK, old: [401, 200] });
  await leap(place, 'a day forward', DAY, { wait: KEY_WORK, old: [401, 200] });
  if (!experiment.isQuick)
    await leap(place, 'an hour back', -HOUR, { wait: KEY_WORK, old: [401, 200] });
  await leap(place, 'a day back', -DAY, { wait: KEY_WORK, old: [401, 200] });
  const wait = experiment.isQuick ? KEY_WORK : SWEEP;
  await leap(place, 'a year forward', YEAR, { wait, old: [401, 400] });
  experiment.is('the process', stateOf(service.child), 'is running');
}

/** @param old the answers to an earlier access token and refresh token, while the clock is wrong */
async function leap({ experiment, url, clock, name }, what, seconds, { wait, old }) {
  const used = await tokensOf(url, name);
  const resting = await tokensOf(url, name);
  await clock.set(url, seconds);
  await sleep(wait);
  const profile = await readProfile(url, used.access);
  const renewed = await refresh(url, used.refresh);
  const fresh = await logIn(url, name, PASSWORD);
  const freshProfile = await readProfile(url, fresh.json().access_token);
  experiment.is(`${what}: earlier tokens`, [profile.status, renewed.status], old);
  experiment.is(`${what}: a login, and its token`, [fresh.status, freshProfile.status], [200, 200]);
  await clock.set(url, 0);
  await sleep(KEY_WORK);
  const current = renewed.status === 200 ? renewed.json().refresh_token : used.refresh;
  const back = [
    await readProfile(url, resting.access),
    await refresh(url, resting.refresh),
    await refresh(url, current),
    await refresh(url, fresh.json().refresh_token),
  ];
  const isFuture = seconds > 0;
  const ofMeanwhile = await readProfile(url, fresh.json().access_token);
  experiment.is(`${what}, and right again: an earlier access token`, back[0].status, 200);
  experiment.is(
    `${what}, and right again: the sessions are live`,
    back.slice(1).map(({ status }) => status),
    [200, 200, 200],
  );
  // Issued in the future, or long ago.
  experiment.is(
    `${what}, and right again: an access token from the meantime`,
    ofMeanwhile.status,
    401,
  );
  if (isFuture) {
    const reason = ofMeanwhile.headers['www-authenticate'] ?? '';
    experiment.is(
      `${what}, and right again: it is not valid yet`,
      /invalid_token/.test(reason),
      true,
    );
  }
}

class FakeClock {
  #path;

  constructor(path) {
    this.#path = path;
    writeFileSync(path, '+0\n');
  }

  get environment() {
    return {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#path,
      FAKETIME_NO_CACHE: '1',
      // Timers use monotonic time, which nobody can set.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** Sets the clock of the service, and waits until it answers by it. @param seconds off the right time */
  async set(url, seconds) {
    writeFileSync(this.#path, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await until(async () => {
      const { headers } = await send(`${url}/health/live`);
      const off = (Date.parse(headers.date) - Date.now()) / 1000;
      return Math.abs(off - seconds) < 10;
    }, 10_000);
  }
}
