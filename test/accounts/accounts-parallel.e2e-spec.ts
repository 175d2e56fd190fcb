import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { postJson, signUp, storedForm, tally } from '../support/accounts.js';
import { PASSWORD } from '../support/create-test-app.js';
import { mailsIn } from '../support/delivered-mail.js';
import { Deployment } from '../support/deployment.js';
import { logIn } from '../support/requests.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { until } from '../support/until.js';

const MANY = Array.from({ length: 20 }, (_, n) => n);

describe('Concurrent requests to two instances on one database', () => {
  let mails: TemporaryFolder;
  let both: Deployment;

  beforeAll(async () => {
    mails = new TemporaryFolder();
    const environment = { REGISTRATION: 'invite', MAIL_DIR: mails.path, LOG_LEVEL: 'info' };
    both = await Deployment.start(2, environment);
    const create = ['user', 'create', 'alex', '--email', 'alex@example.com', '--password-stdin'];
    expect(await both.cli(create, PASSWORD)).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    await both.close();
    await mails.remove();
  });

  const at = (n: number) => ({ url: both.urlOf(n) });
  const invite = async (name: string) => {
    const values = `'${storedForm(name)}', 'invitation', 1, ${Date.now() + 60_000}`;
    await both.query(
      `INSERT INTO one_time_tokens (token_hash, purpose, created_at, expires_at) VALUES (${values})`,
    );
    return name;
  };
  const tokenOf = (subject: RegExp) =>
    until(async () => {
      const mail = (await mailsIn(mails.path)).find((found) => subject.test(found.subject));
      return mail ? mail.token : false;
    });
  const named = async (condition: string) =>
    (await both.query(`SELECT id FROM users WHERE ${condition}`)).length;

  it('make one account with an invitation', async () => {
    const invitation = await invite('one for many');
    const all = MANY.map((n) => signUp(at(n), { username: `guest${n}`, invitation }));
    expect(tally(await Promise.all(all))).toEqual({ 201: 1, 403: 19 });
    expect(await named(`username LIKE 'guest%'`)).toBe(1);
  });

  it('give a name to one user, in whatever case and width', async () => {
    const spellings = ['racer', 'RACER', 'ｒacer', 'ＲＡＣＥＲ'];
    const invitations = await Promise.all(MANY.slice(0, 8).map((n) => invite(`for racer ${n}`)));
    const all = invitations.map((invitation, n) =>
      signUp(at(n), { username: spellings[n % spellings.length], invitation }),
    );
    expect(tally(await Promise.all(all))).toEqual({ 201: 1, 409: 7 });
    expect(await named(`username_key = 'racer'`)).toBe(1);
    // Those who did not get it may still use their invitation.
    const left = await both.query(`SELECT 1 FROM one_time_tokens WHERE purpose = 'invitation'`);
    expect(left).toHaveLength(7);
  });

  it('set a password once with a link', async () => {
    await postJson(at(0), '/password-reset', { email: 'ALEX@example.com' });
    const token = await tokenOf(/^Choose a new password/);
    const passwords = MANY.map((n) => `correct horse number ${n}`);
    const all = passwords.map((new_password, n) =>
      postJson(at(n), '/password-reset/confirm', { token, new_password }),
    );
    const answers = await Promise.all(all);
    expect(tally(answers)).toEqual({ 204: 1, 400: 19 });
    const winner = passwords[answers.findIndex(({ status }) => status === 204)]!;
    expect((await logIn(both.urlOf(0), { password: winner })).status).toBe(200);
  });

  it('change an address once with a link', async () => {
    const password = 'correct horse of mary';
    const invitation = await invite('for mary');
    await signUp(at(0), { username: 'mary', email: 'mary@example.com', password, invitation });
    const token = await tokenOf(/^Confirm your e-mail address/);
    const all = MANY.map((n) => postJson(at(n), '/email-verification/confirm', { token }));
    expect(tally(await Promise.all(all))).toEqual({ 204: 1, 400: 19 });
    expect(await named(`username = 'mary' AND email_verified_at IS NOT NULL`)).toBe(1);
  });
});
