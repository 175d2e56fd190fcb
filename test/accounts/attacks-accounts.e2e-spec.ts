import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/database/sweeper.js';
import { MailKindRegistry } from '../../src/mail/mail-kind-registry.js';
import { OneTimeTokensService } from '../../src/one-time-tokens/one-time-tokens.service.js';
import { ADMINISTRATOR, AdminClient, makeUser } from '../support/admin.js';
import { OwnAccount, postJson, signUp } from '../support/accounts.js';
import { createTestApp, PASSWORD, type TestApp } from '../support/create-test-app.js';
import { deliveredMail, deliveredMails, holdMail } from '../support/delivered-mail.js';
import { sql } from '../support/sql.js';

const DAY = 86_400;
const NEW_PASSWORD = 'another correct horse';

interface Export {
  links: { purpose: string; address: string }[];
  mails: unknown[];
}

describe('Accounts under attack', () => {
  let app: TestApp;
  let administrator: AdminClient;

  beforeAll(async () => {
    app = await createTestApp({ EMAIL_VERIFICATION: 'required' });
    holdMail(app);
    await makeUser(app, 'root', ADMINISTRATOR, { email: 'root@example.com' });
    administrator = await AdminClient.logIn(app, 'root');
  });
  afterAll(() => app.close());

  /** @returns the user's export after a change to the address was requested, and mailed about */
  const exportAfterAsking = async (username: string, email: string) => {
    const own = await OwnAccount.logIn(app, username);
    await own.send('POST', '/email', { email, password: PASSWORD });
    await deliveredMails(app);
    const { links, mails } = (await (await own.send('GET', '/export')).json()) as Export;
    return { links: links.map((link) => ({ ...link, address: '' })), mails };
  };

  it('an export does not reveal whether the requested address belongs to another user', async () => {
    await makeUser(app, 'curious', [], { email: 'curious@example.com' });
    const ofNobody = await exportAfterAsking('curious', 'nobody@example.com');
    expect(ofNobody.links).toHaveLength(1);
    expect(await exportAfterAsking('curious', 'root@example.com')).toEqual(ofNobody);
  });

  it('an administrator’s change of the address withdraws what was about to be mailed', async () => {
    const id = await makeUser(app, 'stolen', [], { email: 'stolen@example.com' });
    const thief = await OwnAccount.logIn(app, 'stolen');
    await thief.send('POST', '/email', { email: 'thief@example.com', password: PASSWORD });
    const path = `/users/${id}`;
    expect((await administrator.send('PATCH', path, { email: 'safe@example.com' })).status).toBe(
      200,
    );
    const recipients = (await deliveredMails(app)).map(({ to }) => to);
    expect(recipients).toContain('safe@example.com');
    expect(recipients).not.toContain('thief@example.com');
  });

  it('no link is made for a change that was withdrawn while its mail was being sent', async () => {
    await makeUser(app, 'hurried', [], { email: 'hurried@example.com' });
    const own = await OwnAccount.logIn(app, 'hurried');
    await own.send('POST', '/email', { email: 'other@example.com', password: PASSWORD });
    const [row] = (await sql(app, "SELECT * FROM outgoing_mails WHERE kind = 'change_email'")) as [
      Record<'id' | 'kind' | 'user_id' | 'address' | 'attempts' | 'created_at' | 'due_at', never>,
    ];
    const change = { current_password: PASSWORD, new_password: NEW_PASSWORD };
    expect((await own.send('POST', '/password', change)).status).toBe(204);
    const { user_id: userId, created_at: createdAt, due_at: dueAt, ...rest } = row;
    const prepared = await app.app
      .get(MailKindRegistry)
      .get('change_email')!
      .prepare({ ...rest, userId, createdAt, dueAt });
    await expect(prepared!.compose()).rejects.toThrow('The recipient is gone');
    expect(await app.app.get(OneTimeTokensService).list(userId)).toEqual([]);
  });

  it('a link goes to the address that it is for, even if that is replaced meanwhile', async () => {
    await makeUser(app, 'moving', [], { email: 'old@example.com' });
    const kinds = app.app.get(MailKindRegistry);
    const kind = kinds.get('reset_password')!;
    kinds.register('reset_password', {
      ...kind,
      async prepare(mail) {
        const prepared = await kind.prepare(mail);
        const address = 'new@example.com';
        const change = 'UPDATE users SET email = ?, email_key = ? WHERE username = ?';
        await sql(app, change, address, address, 'moving');
        return prepared;
      },
    });
    await postJson(app, '/password-reset', { email: 'old@example.com' });
    const { to, token } = await deliveredMail(app);
    kinds.register('reset_password', kind);
    expect(to).toBe('old@example.com');
    const body = { token, new_password: NEW_PASSWORD };
    expect((await postJson(app, '/password-reset/confirm', body)).status).toBe(400);
  });

  it('a sign-up that got its address from an administrator can be used, and stays, after a reset', async () => {
    await signUp(app, { username: 'waiting', email: 'typo@example.com' });
    await deliveredMails(app);
    const [user] = (await sql(app, "SELECT id FROM users WHERE username = 'waiting'")) as [
      { id: number },
    ];
    const path = `/users/${user.id}`;
    await administrator.send('PATCH', path, { email: 'waiting@example.com' });
    expect((await administrator.send('POST', `${path}/password-reset`)).status).toBe(202);
    const mails = (await deliveredMails(app)).filter(({ to }) => to === 'waiting@example.com');
    const { token } = mails.find(({ link }) => link.includes('reset-password'))!;
    const body = { token, new_password: NEW_PASSWORD };
    expect((await postJson(app, '/password-reset/confirm', body)).status).toBe(204);
    const login = { username: 'waiting', password: NEW_PASSWORD };
    expect((await app.login(login)).status).toBe(200);
    app.clock.advance(2 * DAY);
    await app.app.get(Sweeper).sweep();
    expect((await app.login(login)).status).toBe(200);
    administrator = await AdminClient.logIn(app, 'root');
  });

  it('a user without a password does not count as a remaining administrator', async () => {
    const invited = { username: 'invited', email: 'in@example.com', scopes: ADMINISTRATOR };
    expect((await administrator.send('POST', '/users', invited)).status).toBe(201);
    const root = await OwnAccount.logIn(app, 'root');
    expect((await root.send('DELETE', '', { password: PASSWORD })).status).toBe(409);
    const { token } = (await deliveredMails(app)).find(({ to }) => to === 'in@example.com')!;
    await postJson(app, '/password-reset/confirm', { token, new_password: NEW_PASSWORD });
    expect((await root.send('DELETE', '', { password: PASSWORD })).status).toBe(204);
  });
});
