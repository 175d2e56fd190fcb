import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { many } from '../support/attempts.js';
import { PASSWORD } from '../support/create-test-app.js';
import { Deployment } from '../support/deployment.js';
import { startService } from '../support/processes.js';
import { accessTokenFrom, logIn, readProfile } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

// Each starts several programs.
jest.setTimeout(120_000);

const statusesOf = (answers: Response[]) => answers.map(({ status }) => status);
const guess = (url: string, i: number, username = 'alex') =>
  logIn(url, { username, password: `guess ${i}` });

describe('Guessing at two instances on one database', () => {
  let deployment: Deployment;
  afterEach(() => deployment.close());

  async function start(environment?: Record<string, string>): Promise<void> {
    deployment = await Deployment.start(2, environment);
    await deployment.cli(['user', 'create', 'alex', '--password-stdin'], PASSWORD);
  }

  /** Guesses at both, one after the other. */
  async function guessInTurn(times: number, username?: string): Promise<number[]> {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) {
      statuses.push((await guess(deployment.urlOf(i), i, username)).status);
    }
    return statuses;
  }

  it('is limited as at one', async () => {
    await start();
    expect(await guessInTurn(7)).toEqual([...many(401, 5), 429, 429]);
    for (const url of deployment.urls) expect((await logIn(url)).status).toBe(429);
  });

  it('is compared no more often than the limit allows, all at the same time', async () => {
    await start();
    const guesses = Array.from({ length: 100 }, (_, i) => guess(deployment.urlOf(i), i));
    const statuses = statusesOf(await Promise.all(guesses));
    // On a machine that is busy with other things the line may be too long, and some of the five get 503.
    expect(statuses.every((status) => [401, 429, 503].includes(status))).toBe(true);
    statuses.push(...(await guessInTurn(6)));
    expect(statuses.at(-1)).toBe(429);
    const compared = statuses.filter((status) => status === 401).length;
    expect(compared).toBeGreaterThan(0);
    expect(compared).toBeLessThanOrEqual(5);
    expect((await logIn(deployment.urlOf(0))).status).toBe(429);
  });

  it('does not lock out a client that sends the right password, however often at the same time', async () => {
    await start({ LOGIN_LIMIT_PAIR: '1/300' });
    const logins = deployment.urls.map((url) => logIn(url));
    expect(statusesOf(await Promise.all(logins))).toEqual([200, 200]);
  });

  it('is forgotten by `user unlock`, at all of them at once, and for no other name', async () => {
    await start();
    const token = await accessTokenFrom(deployment.urlOf(0));
    await guessInTurn(5);
    await guessInTurn(5, 'nobody');
    expect(await deployment.cli(['user', 'unlock', 'ALEX'])).toEqual({
      status: 0,
      stdout: 'Forgot the wrong passwords for ALEX\n',
      stderr: '',
    });
    for (const url of deployment.urls) expect((await logIn(url)).status).toBe(200);
    expect((await readProfile(deployment.urlOf(1), token)).status).toBe(200);

    expect(await guessInTurn(1, 'nobody')).toEqual([429]);
    const unlocking = await deployment.cli(['user', 'unlock', 'nobody']);
    expect(unlocking.stdout).toBe('Forgot the wrong passwords for nobody\n');
    expect(await guessInTurn(2, 'nobody')).toEqual([401, 401]);

    const nothing = await deployment.cli(['user', 'unlock', 'sam\u001b[2J']);
    expect(nothing.stdout).toBe('No wrong passwords were counted for sam\uFFFD[2J\n');
  });
});

describe('A restart', () => {
  it('forgets no wrong password', async () => {
    const folder = new TemporaryFolder();
    const first = await startService(folder);
    for (let i = 0; i < 5; i++) expect((await guess(first.url, i)).status).toBe(401);
    await first.end('SIGKILL');
    const second = await startService(folder);
    expect((await guess(second.url, 6)).status).toBe(429);
    await second.end();
    await folder.remove();
  });
});
