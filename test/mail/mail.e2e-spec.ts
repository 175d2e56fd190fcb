import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MailKindRegistry } from '../../src/mail/mail-kind-registry.js';
import { OutboxPoller } from '../../src/mail/outbox-poller.js';
import { captureLog } from '../support/captured-log.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { deliveredMail, deliveredMails } from '../support/delivered-mail.js';
import { MailServer } from '../support/mail-server.js';
import { startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { textsWithNul } from '../support/test-database.js';
import {
  deliver,
  outgoingRows,
  postMail,
  registerTestKinds,
  smtp,
  TOKEN,
} from '../support/test-mail.js';
import { until } from '../support/until.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

describe('Mail to a server', () => {
  let server: MailServer;
  let app: TestApp;
  let log: Record<string, unknown>[];

  beforeAll(async () => {
    server = await MailServer.start();
    app = await createTestApp({
      SMTP_URL: server.url,
      MAIL_FROM: 'Keys & Locks <keys@mail.example.com>',
      APP_URL: 'https://app.example.com/account',
      APP_NAME: 'Keys & Locks',
      LOG_LEVEL: 'info',
    });
    registerTestKinds(app);
    log = captureLog();
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });
  beforeEach(async () => {
    // No address has used up its hour, and nothing is left over.
    app.clock.advance(4 * DAY);
    await deliver(app);
    server.reset();
    log.length = 0;
  });

  /** The one line about a mail that this test logged. */
  const logged = (msg: string) => log.filter((line) => line.msg === msg);

  it('has text and HTML, with the headers of automatic mail', async () => {
    await postMail(app, { address: 'Alex@Example.com' });
    await deliver(app);
    const [mail] = server.mails;
    expect(mail).toMatchObject({
      to: 'Alex@example.com',
      from: 'keys@mail.example.com',
      subject: 'Choose a new password for Keys & Locks',
      link: `https://app.example.com/account#action=reset_password&token=${TOKEN}`,
      token: TOKEN,
    });
    expect(mail!.text).toContain('the account al<b>ex at Keys & Locks');
    expect(mail!.html).toContain('al&#60;b&#62;ex</strong> at Keys &#38; Locks');
    expect(mail!.html).toContain(`href="${mail!.link.replace('&', '&#38;')}"`);
    expect(mail!.html).not.toMatch(/<img|src=|url\(/i);
    const headers = Object.fromEntries(mail!.headers.map(({ key, value }) => [key, value]));
    expect(headers).toEqual({
      from: '"Keys & Locks" <keys@mail.example.com>',
      to: 'Alex@example.com',
      subject: 'Choose a new password for Keys & Locks',
      date: new Date(app.clock.now()).toUTCString().replace('GMT', '+0000'),
      'message-id': expect.stringMatching(/^<[\w-]+@mail\.example\.com>$/),
      'auto-submitted': 'auto-generated',
      'mime-version': '1.0',
      'content-type': expect.stringMatching(/^multipart\/alternative; /),
    });
    expect(await outgoingRows(app)).toEqual([]);
    expect(log).toEqual([expect.objectContaining({ level: 30, msg: 'mail sent', kind: 'asked' })]);
  });

  it('is sent by the sender itself, soon after it was queued', async () => {
    await postMail(app);
    await until(() => server.mails.length === 1);
    await until(async () => (await outgoingRows(app)).length === 0);
  });

  it('without a recipient is not sent', async () => {
    await postMail(app, { kind: 'to_nobody' });
    await deliver(app);
    expect([server.connections, await outgoingRows(app)]).toEqual([0, []]);
  });

  it('waits for a server that is down, with longer and longer pauses', async () => {
    await server.stop();
    await postMail(app);
    await deliver(app);
    for (let attempts = 1; attempts < 12; attempts += 1) {
      const longest = Math.min(300, 2 ** (attempts - 1));
      const [row] = await outgoingRows(app);
      expect(row).toMatchObject({ attempts });
      const pause = (row!.due_at - app.clock.now()) / 1000;
      expect(pause).toBeGreaterThan(longest / 2 - 0.001);
      expect(pause).toBeLessThanOrEqual(longest);
      app.clock.advance(pause - 0.001);
      await deliver(app);
      expect(await outgoingRows(app)).toMatchObject([{ attempts }]);
      app.clock.advance(0.001);
      await deliver(app);
    }
    expect(logged('mail not sent')).toHaveLength(12);
    expect(log[0]).toMatchObject({
      attempts: 1,
      code: 'ESOCKET',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
    await server.startAgain();
    app.clock.advance(5 * MINUTE);
    await deliver(app);
    expect(server.mails).toMatchObject([{ to: 'alex@example.com', token: TOKEN }]);
    expect(await outgoingRows(app)).toEqual([]);
  });

  it('is given up after 3 days', async () => {
    server.refusals = { greeting: 421 };
    await postMail(app);
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await deliver(app);
    expect(await outgoingRows(app)).toMatchObject([{ attempts: 2 }]);
    app.clock.advance(5 * MINUTE);
    await deliver(app);
    expect(await outgoingRows(app)).toEqual([]);
    expect(logged('mail given up')).toMatchObject([{ level: 50, kind: 'asked', attempts: 3 }]);
  });

  it.each([
    ['greeting', 421],
    ['greeting', 554],
    ['sender', 451],
    ['sender', 550],
    ['recipient', 450],
    ['recipient', 530],
    ['data', 451],
    ['data', 503],
  ])('is retried after a refusal at the %s with %d', async (stage, code) => {
    server.refusals = { [stage]: code };
    await postMail(app);
    await deliver(app);
    expect(await outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    server.refusals = {};
    app.clock.advance(1);
    await deliver(app);
    expect(server.mails).toHaveLength(1);
  });

  it.each([
    ['recipient', 550, 'RCPT TO'],
    ['data', 554, 'DATA'],
  ])('is given up at once when the %s is refused with %d', async (stage, code, command) => {
    server.refusals = { [stage]: code };
    await postMail(app);
    await deliver(app);
    expect(await outgoingRows(app)).toEqual([]);
    const line = { level: 50, msg: 'mail given up', command, response_code: code };
    expect(log).toEqual([expect.objectContaining(line)]);
    expect(JSON.stringify(log)).not.toMatch(/example\.com|quoted|token/);
  });

  it('is retried after the connection was cut in the middle', async () => {
    server.isDropping = true;
    await postMail(app);
    await deliver(app);
    expect([server.connections, await outgoingRows(app)]).toMatchObject([1, [{ attempts: 1 }]]);
    server.isDropping = false;
    app.clock.advance(1);
    await deliver(app);
    expect(server.mails).toHaveLength(1);
  });

  it('uses a slow server for three messages at a time, and continues with the rest', async () => {
    server.hold();
    for (let i = 0; i < 5; i += 1) await postMail(app, { address: `a${i}@example.com` });
    const delivered = deliver(app);
    await until(() => server.held === 3);
    expect(server.connections).toBe(3);
    server.release();
    await delivered;
    expect(server.mails).toHaveLength(5);
  });

  it('never gets a second recipient, or a header, from an address', async () => {
    const addresses = [
      'alex@example.com\r\nBcc: eve@example.com',
      'alex@example.com\neve@example.com',
      'alex@example.com, eve@example.com',
      'alex@example.com>\r\nRCPT TO:<eve@example.com',
      'Eve <eve@example.com>',
      '"eve@example.com, x"@example.com',
      ...textsWithNul('alex@example.com\0'),
      'eve',
      `${'a'.repeat(250)}@example.com`,
    ];
    for (const address of addresses) await postMail(app, { kind: 'to_text', text: address });
    await deliver(app);
    expect([server.connections, await outgoingRows(app)]).toEqual([0, []]);
    expect(logged('mail given up')).toHaveLength(addresses.length);
    expect(JSON.stringify(log)).not.toContain('example.com');
  });

  it('of an unknown kind is kept for 3 days: a newer instance may know it', async () => {
    await postMail(app, { kind: 'of_tomorrow' });
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await deliver(app);
    expect(await outgoingRows(app)).toMatchObject([{ kind: 'of_tomorrow', attempts: 0 }]);
    app.clock.advance(HOUR);
    await deliver(app);
    expect(await outgoingRows(app)).toEqual([]);
    expect(logged('mail given up')).toMatchObject([{ reason: 'unknown kind' }]);
  });

  it('whose composer fails is retried', async () => {
    let failures = 1;
    app.app.get(MailKindRegistry).register('fails_once', {
      isSolicitable: true,
      prepare: () =>
        Promise.resolve({
          to: 'alex@example.com',
          compose: () => {
            if (failures-- > 0) throw new Error('not today');
            const variables = { username: 'alex' };
            return Promise.resolve({ template: 'password_changed', variables });
          },
        }),
    });
    await postMail(app, { kind: 'fails_once' });
    await deliver(app);
    expect(logged('mail not sent')).toMatchObject([{ reason: 'not today' }]);
    app.clock.advance(1);
    await deliver(app);
    expect(server.mails).toMatchObject([{ subject: 'Your password at Keys & Locks was changed' }]);
  });
});

describe('Mail without a server', () => {
  let app: TestApp | undefined;
  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  it('becomes files that only their owner reads, and the log says where', async () => {
    app = await createTestApp({ LOG_LEVEL: 'info', APP_URL: 'https://app.example.com' });
    registerTestKinds(app);
    const log = captureLog();
    for (const address of ['one@example.com', 'two@example.com']) await postMail(app, { address });
    const mails = await deliveredMails(app);
    expect(mails.map(({ to }) => to)).toEqual(['one@example.com', 'two@example.com']);
    expect(await deliveredMail(app)).toMatchObject({
      subject: 'Choose a new password for latchkey',
      link: `https://app.example.com#action=reset_password&token=${TOKEN}`,
      token: TOKEN,
      html: expect.stringContaining('</html>'),
    });
    const folder = app.folder.join('mail');
    const files = readdirSync(folder).sort();
    expect(log.map(({ file }) => file).sort()).toEqual(files.map((file) => join(folder, file)));
    expect(JSON.stringify(log)).not.toMatch(/token|@example/);
    expect(files[1]).toBe('20300101T000000.000Z-000002-asked.eml');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
    // A developer copies the link from the file.
    expect(readFileSync(join(folder, files[1]!), 'utf8')).toContain(`${mails[1]!.link}\r\n`);
  });

  it('waits for one in production, but for no longer than 3 days', async () => {
    app = await createTestApp({ NODE_ENV: 'production', LOG_LEVEL: 'warn' });
    registerTestKinds(app);
    const log = captureLog();
    await postMail(app);
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await app.app.get(OutboxPoller).tidy();
    expect(await outgoingRows(app)).toMatchObject([{ attempts: 0 }]);
    expect(existsSync(app.folder.join('mail'))).toBe(false);
    app.clock.advance(1);
    await app.app.get(OutboxPoller).tidy();
    expect(await outgoingRows(app)).toEqual([]);
    expect(log).toMatchObject([{ removed: 1, msg: 'mail given up: SMTP_URL is not set' }]);
  });

  it('logs once at the start in production that it waits', async () => {
    const folder = new TemporaryFolder();
    const service = await startService(folder, { NODE_ENV: 'production' });
    await service.end();
    const warnings = service.log.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([{ msg: 'SMTP_URL is not set: mail waits until it is' }]);
    await folder.remove();
  });
});

describe('A shutdown', () => {
  let server: MailServer;
  let app: TestApp;
  beforeEach(async () => {
    server = await MailServer.start();
    app = await createTestApp(smtp(server));
    registerTestKinds(app);
    server.hold();
  });
  afterEach(async () => {
    await server.stop();
    await app.folder.remove();
  });

  it('waits for a message in transit, and leaves one that takes too long to the next start', async () => {
    await postMail(app);
    await postMail(app, { address: 'slow@example.com' });
    void deliver(app);
    await until(() => server.held === 2);
    const closed = app.app.close();
    await postMail(app, { address: 'late@example.com' });
    const begun = performance.now();
    await closed;
    expect(performance.now() - begun).toBeGreaterThan(4_000);
    expect(performance.now() - begun).toBeLessThan(8_000);
    const rows = await outgoingRows(app);
    expect(rows).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 0 }]);
    for (const { due_at } of rows) expect(due_at).toBe(app.clock.now());
  });

  it('waits for the server’s response to what it is reading', async () => {
    await postMail(app);
    void deliver(app);
    await until(() => server.held === 1);
    const closed = app.app.close();
    server.release();
    await closed;
    expect(server.mails).toHaveLength(1);
    expect(await outgoingRows(app)).toEqual([]);
  });
});
