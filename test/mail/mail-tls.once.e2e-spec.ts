import { afterEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { MailServer } from '../support/mail-server.js';
import { deliver, outgoingRows, postMail, registerTestKinds, smtp } from '../support/test-mail.js';

describe('TLS and a login', () => {
  let server: MailServer;
  afterEach(() => server.stop());
  const accounts = { 'post@example.com': 'p:a/s%s' } as Record<string, string>;
  const options: SMTPServerOptions = {
    authOptional: false,
    onAuth: ({ username = '', password }, _session, done) => {
      if (accounts[username] === password) done(null, { user: username });
      else done(Object.assign(new Error('wrong password'), { responseCode: 535 }));
    },
  };
  const credentials = 'post%40example.com:p%3Aa%2Fs%25s@';

  /** Sends one message from an app of its own. */
  async function sendFrom(url: string, work: (app: TestApp) => unknown): Promise<void> {
    const app = await createTestApp(smtp({ url }));
    registerTestKinds(app);
    await postMail(app);
    await deliver(app);
    try {
      await work(app);
    } finally {
      await app.close();
    }
  }

  it('are used where they are offered, with credentials decoded', async () => {
    server = await MailServer.start(options);
    await sendFrom(server.urlAt('127.0.0.1', credentials), () => {
      expect(server.mails).toMatchObject([{ isSecure: true, user: 'post@example.com' }]);
    });
  });

  it('are used at an smtps URL from the start', async () => {
    server = await MailServer.start({ ...options, secure: true });
    const url = server.urlAt('127.0.0.1', credentials).replace('smtp:', 'smtps:');
    await sendFrom(url, () => {
      expect(server.mails).toMatchObject([{ isSecure: true, user: 'post@example.com' }]);
    });
  });

  it('that fail are retried', async () => {
    server = await MailServer.start(options);
    await sendFrom(server.urlAt('127.0.0.1', 'post%40example.com:wrong@'), async (app) => {
      expect(await outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    });
  });

  // 0.0.0.0 is this machine too, but not one of the known loopback names.
  it('are refused with a self-signed certificate', async () => {
    server = await MailServer.start(options);
    await sendFrom(server.urlAt('0.0.0.0', credentials), async (app) => {
      expect(await outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    });
    expect([server.connections, server.mails]).toEqual([1, []]);
  });

  it('never send a password in clear text to another machine', async () => {
    let logins = 0;
    server = await MailServer.start({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => {
        logins += 1;
        done(null, { user: 'anybody' });
      },
    });
    await sendFrom(server.urlAt('0.0.0.0', credentials), async (app) => {
      expect(await outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    });
    expect(logins).toBe(0);
    await sendFrom(server.urlAt('127.0.0.1', credentials), () => {
      expect(server.mails).toMatchObject([{ isSecure: false, user: 'anybody' }]);
    });
  });
});
