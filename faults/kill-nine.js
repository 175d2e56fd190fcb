/**
 * The service is killed with SIGKILL at random moments while it writes (logins, refreshes, sign-ups, changes of
 * passwords, revocations), again and again on the same SQLite file. Everything it has acknowledged must be there
 * afterwards, the file must be whole, and each start must be ready soon. `ROUNDS` says how often (100).
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openSqlite } from '../build/database/sqlite-driver.js';
import { logIn, readProfile, refresh, revoke, send } from './support/http.js';
import { freePort } from '../scripts/free-port.js';
import { end, startService, until } from './support/processes.js';
import { makeUsers, PASSWORD } from './support/users.js';

export const claim = 'killed at random moments under writes, it loses nothing that it acknowledged';

const READY_LIMIT = 5_000;

/** After how many acknowledgements at most (refreshes aside) it is killed, and after what time in any case, in ms. */
const LONGEST_LIFE = 20;
const PATIENCE = 20_000;

const USERS = 8;

export async function run(experiment) {
  const rounds = Number(process.env.ROUNDS ?? (experiment.isQuick ? 10 : 100));
  const folder = experiment.folder();
  // A refresh whose response was lost is repeated after the restart, which may take longer than the usual 10 s.
  const changes = {
    PORT: String(await freePort()),
    REFRESH_REUSE_SECONDS: '60',
    REGISTRATION: 'open',
    // A login that is cut off stays counted as a wrong password, and here that happens to a few again and again.
    LOGIN_LIMIT_USERNAME: '0',
    LOGIN_LIMIT_ADDRESS: '0',
  };
  const first = await startService(experiment, changes, { folder });
  const ledger = new Ledger(first.url, await makeUsers(folder, {}, USERS));
  await end(first.child);
  const totals = { lost: [], broken: 0, slowest: 0 };
  for (let round = 1; round <= rounds; round++) {
    const begin = performance.now();
    const service = await startService(experiment, changes, { folder });
    totals.slowest = Math.max(totals.slowest, performance.now() - begin);
    totals.lost.push(...(await ledger.check()));
    const writing = ledger.write();
    const wanted = ledger.total + Math.random() * LONGEST_LIFE;
    await until(() => ledger.total >= wanted, PATIENCE, 1).catch(() => undefined);
    // Anywhere between two acknowledgements.
    await sleep(Math.random() * 100);
    await end(service.child, 'SIGKILL');
    await writing.stop();
    if (!isWhole(folder)) totals.broken++;
  }
  await startService(experiment, changes, { folder });
  totals.lost.push(...(await ledger.check(true)));
  for (const [what, count] of Object.entries(ledger.acknowledged))
    experiment.atLeast(`${what} acknowledged`, count, 1);
  experiment.is(
    `lost in ${rounds} rounds`,
    totals.lost.slice(0, 5).join('; ') || 'nothing',
    'nothing',
  );
  experiment.is('rounds after which integrity_check is not ok', totals.broken, 0);
  experiment.atMost('slowest start until ready', totals.slowest, READY_LIMIT);
}

/** What was acknowledged, and the check whether all of it is there. */
class Ledger {
  acknowledged = {
    logins: 0,
    refreshes: 0,
    registrations: 0,
    'password changes': 0,
    revocations: 0,
  };
  #url;
  #names;
  #passwords;
  #sessions = [];
  #revoked = [];
  #registered = [];
  #fresh = { sessions: [], revoked: [], registered: [], passwords: new Set() };
  #count = 0;

  constructor(url, names) {
    this.#url = url;
    this.#names = names;
    // The possible passwords: more than one after a change that was not acknowledged.
    this.#passwords = new Map(names.map((name) => [name, [PASSWORD]]));
  }

  /** There are so many more refreshes that the others would never count. */
  get total() {
    const { acknowledged } = this;
    const all = Object.values(acknowledged).reduce((sum, count) => sum + count, 0);
    return all - acknowledged.refreshes;
  }

  /** Begins to write, until the service is gone. */
  write() {
    let isStopped = false;
    const repeat = async (step) => {
      while (!isStopped) if (!(await step())) await sleep(5);
    };
    const steps = [this.#logIn, this.#refresh, this.#register, this.#changePassword, this.#revoke];
    const loops = steps.map((step) => repeat(step.bind(this)));
    return {
      stop: () => {
        isStopped = true;
        return Promise.all(loops);
      },
    };
  }

  /** @param all also what was there at an earlier check @returns what is not as acknowledged */
  async check(all = false) {
    const lost = [];
    const { sessions, revoked, registered, passwords } = all ? this.#everything() : this.#fresh;
    for (const session of sessions) {
      if (session.isEnded) continue;
      const { status } = await readProfile(this.#url, session.access);
      if (status !== 200) lost.push(`a session (${status})`);
      else if (!(await this.#renew(session))) lost.push('a refresh token');
    }
    for (const session of revoked)
      if ((await readProfile(this.#url, session.access)).status !== 401) lost.push('a revocation');
    for (const username of registered) {
      const { status } = await this.#tryToLogIn(username, [PASSWORD]);
      if (status !== 200) lost.push(`the user ${username} (${status})`);
    }
    for (const name of passwords) {
      const { status } = await this.#tryToLogIn(name, this.#passwords.get(name));
      if (status !== 200) lost.push(`the password of ${name} (${status})`);
    }
    this.#fresh = { sessions: [], revoked: [], registered: [], passwords: new Set() };
    return lost;
  }

  /** Hashes take time: of what was checked already, only some again. */
  #everything() {
    const some = (list, count) => list.slice(-count);
    return {
      sessions: some(this.#sessions, 200),
      revoked: some(this.#revoked, 200),
      registered: this.#registered.filter(
        (_, i) => i % Math.ceil(this.#registered.length / 30) === 0,
      ),
      passwords: new Set(this.#names),
    };
  }

  async #logIn(username = this.#names[0]) {
    const answer = await logIn(this.#url, username, this.#passwords.get(username)[0]);
    if (answer.status !== 200) return undefined;
    this.acknowledged.logins++;
    const { access_token: access, refresh_token } = answer.json();
    const session = { access, refresh: refresh_token };
    this.#sessions.push(session);
    this.#fresh.sessions.push(session);
    return session;
  }

  async #refresh() {
    const alive = this.#sessions.filter(({ isEnded }) => !isEnded).slice(-20);
    const session = alive[Math.floor(Math.random() * alive.length)];
    return session !== undefined && (await this.#renew(session));
  }

  /** One after the other: the same token twice at once would be a test of something else. */
  async #renew(session) {
    if (session.isBusy) return true;
    session.isBusy = true;
    const answer = await refresh(this.#url, session.refresh);
    session.isBusy = false;
    if (answer.status !== 200) return false;
    const { access_token, refresh_token } = answer.json();
    Object.assign(session, { access: access_token, refresh: refresh_token });
    this.acknowledged.refreshes++;
    if (!this.#fresh.sessions.includes(session)) this.#fresh.sessions.push(session);
    return true;
  }

  async #register() {
    const username = `new-${++this.#count}`;
    const { status } = await send(`${this.#url}/users`, { json: { username, password: PASSWORD } });
    if (status !== 201) return false;
    this.acknowledged.registrations++;
    this.#registered.push(username);
    this.#fresh.registered.push(username);
    return true;
  }

  async #changePassword() {
    const name = this.#names[1 + (++this.#count % (USERS - 2))];
    const known = this.#passwords.get(name);
    const current = await this.#tryToLogIn(name, known);
    if (current.status !== 200) return false;
    const next = `${PASSWORD} ${++this.#count}`;
    // The old one first: the change is rarely done without an acknowledgement, and wrong passwords are counted.
    this.#passwords.set(name, [current.password, next]);
    const json = { current_password: current.password, new_password: next };
    const { status } = await send(`${this.#url}/users/me/password`, {
      token: current.access,
      json,
    });
    if (status < 200 || status > 299) return false;
    this.acknowledged['password changes']++;
    this.#passwords.set(name, [next]);
    this.#fresh.passwords.add(name);
    return true;
  }

  /** @returns the first that works, or the status of the last's answer */
  async #tryToLogIn(name, passwords) {
    let status;
    for (const password of passwords) {
      const answer = await logIn(this.#url, name, password);
      ({ status } = answer);
      if (status === 200) return { status, password, access: answer.json().access_token };
    }
    return { status };
  }

  async #revoke() {
    const session = await this.#logIn(this.#names[USERS - 1]);
    if (!session) return false;
    // From here on the outcome is unknown, until there is a response.
    session.isEnded = true;
    if ((await revoke(this.#url, session.refresh)).status !== 200) return false;
    this.acknowledged.revocations++;
    this.#revoked.push(session);
    this.#fresh.revoked.push(session);
    return true;
  }
}

/** Checks a copy: opening it here would repair what the service has to repair. */
function isWhole(folder) {
  const copy = mkdtempSync(join(folder, 'copy-'));
  for (const name of ['users.db', 'users.db-wal'])
    if (existsSync(join(folder, name))) copyFileSync(join(folder, name), join(copy, name));
  const database = openSqlite(join(copy, 'users.db'));
  const verdict = database.pragma('integrity_check', { simple: true });
  database.close();
  rmSync(copy, { recursive: true });
  return verdict === 'ok';
}
