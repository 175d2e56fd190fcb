import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';
import { ConfigError } from '../src/config/config-error.js';
import { MailKinds } from '../src/mail/mail-kinds.js';
import { MailQueue } from '../src/mail/mail-queue.service.js';
import { MailSender } from '../src/mail/mail-sender.js';
import { MailTemplates } from '../src/mail/mail-templates.js';
import { captureLog } from './support/captured-log.js';
import { createTestApp, type TestApp } from './support/create-test-app.js';
import { deliveredMail, deliveredMails } from './support/delivered-mail.js';
import { MailServer } from './support/mail-server.js';
import { PostgresServer } from './support/postgres.js';
import { runService, startService } from './support/processes.js';
import { sql } from './support/sql.js';
import { TemporaryFolder } from './support/temporary-folder.js';
import { outgoingRows, postMail, registerTestKinds, TOKEN } from './support/test-mail.js';
import { until } from './support/until.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const MAIL = { MAIL_FROM: 'latchkey@example.com', APP_URL: 'https://app.example.com' };

const smtp = (server: MailServer, changes: Record<string, string> = {}) => ({
  ...MAIL,
  SMTP_URL: server.url,
  ...changes,
});

const deliver = (app: TestApp) => app.app.get(MailSender).deliverDue();

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
    // Nobody's hour is used up, and nothing is left over.
    app.clock.advance(4 * DAY);
    await deliver(app);
    server.reset();
    log.length = 0;
  });

  /** The one line about a mail that this test made. */
  const logged = (msg: string) => log.filter((line) => line.msg === msg);

  it('comes as text and as HTML, with the headers of mail that nobody wrote', async () => {
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
    expect(outgoingRows(app)).toEqual([]);
    expect(log).toEqual([expect.objectContaining({ level: 30, msg: 'mail sent', kind: 'asked' })]);
  });

  it('is sent by the sender itself, soon after it was posted', async () => {
    await postMail(app);
    await until(() => server.mails.length === 1);
    await until(() => outgoingRows(app).length === 0);
  });

  it('that goes to nobody is not sent', async () => {
    await postMail(app, { kind: 'to_nobody' });
    await deliver(app);
    expect([server.connections, outgoingRows(app)]).toEqual([0, []]);
  });

  it('waits for a server that is down, with longer and longer pauses', async () => {
    await server.stop();
    await postMail(app);
    await deliver(app);
    for (let attempts = 1; attempts < 12; attempts += 1) {
      const longest = Math.min(300, 2 ** (attempts - 1));
      const [row] = outgoingRows(app);
      expect(row).toMatchObject({ attempts });
      const pause = (row!.due_at - app.clock.now()) / 1000;
      expect(pause).toBeGreaterThan(longest / 2 - 0.001);
      expect(pause).toBeLessThanOrEqual(longest);
      app.clock.advance(pause - 0.001);
      await deliver(app);
      expect(outgoingRows(app)).toMatchObject([{ attempts }]);
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
    expect(outgoingRows(app)).toEqual([]);
  });

  it('is given up after 3 days', async () => {
    server.refusals = { greeting: 421 };
    await postMail(app);
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await deliver(app);
    expect(outgoingRows(app)).toMatchObject([{ attempts: 2 }]);
    app.clock.advance(5 * MINUTE);
    await deliver(app);
    expect(outgoingRows(app)).toEqual([]);
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
  ])('is tried again after a refusal at the %s with %d', async (stage, code) => {
    server.refusals = { [stage]: code };
    await postMail(app);
    await deliver(app);
    expect(outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
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
    expect(outgoingRows(app)).toEqual([]);
    const line = { level: 50, msg: 'mail given up', command, response_code: code };
    expect(log).toEqual([expect.objectContaining(line)]);
    expect(JSON.stringify(log)).not.toMatch(/example\.com|quoted|token/);
  });

  it('is tried again after the connection was cut in the middle', async () => {
    server.isDropping = true;
    await postMail(app);
    await deliver(app);
    expect([server.connections, outgoingRows(app)]).toMatchObject([1, [{ attempts: 1 }]]);
    server.isDropping = false;
    app.clock.advance(1);
    await deliver(app);
    expect(server.mails).toHaveLength(1);
  });

  it('takes a slow server for three messages at a time, and goes on with the rest', async () => {
    server.hold();
    for (let i = 0; i < 5; i += 1) await postMail(app, { address: `a${i}@example.com` });
    const delivered = deliver(app);
    await until(() => server.held === 3);
    expect(server.connections).toBe(3);
    server.release();
    await delivered;
    expect(server.mails).toHaveLength(5);
  });

  it('never has a second recipient, or a header, out of an address', async () => {
    const addresses = [
      'alex@example.com\r\nBcc: eve@example.com',
      'alex@example.com\neve@example.com',
      'alex@example.com, eve@example.com',
      'alex@example.com>\r\nRCPT TO:<eve@example.com',
      'Eve <eve@example.com>',
      '"eve@example.com, x"@example.com',
      'alex@example.com\0',
      'eve',
      `${'a'.repeat(250)}@example.com`,
    ];
    for (const address of addresses) await postMail(app, { kind: 'to_text', text: address });
    await deliver(app);
    expect([server.connections, outgoingRows(app)]).toEqual([0, []]);
    expect(logged('mail given up')).toHaveLength(addresses.length);
    expect(JSON.stringify(log)).not.toContain('example.com');
  });

  it('of an unknown kind is kept for 3 days: a newer instance may know it', async () => {
    await postMail(app, { kind: 'of_tomorrow' });
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await deliver(app);
    expect(outgoingRows(app)).toMatchObject([{ kind: 'of_tomorrow', attempts: 0 }]);
    app.clock.advance(HOUR);
    await deliver(app);
    expect(outgoingRows(app)).toEqual([]);
    expect(logged('mail given up')).toMatchObject([{ reason: 'unknown kind' }]);
  });

  it('whose composer fails is tried again', async () => {
    let failures = 1;
    app.app.get(MailKinds).register('fails_once', {
      isSolicitable: true,
      recipient: () => Promise.resolve('alex@example.com'),
      compose: () => {
        if (failures-- > 0) throw new Error('not today');
        return Promise.resolve({ template: 'password_changed', variables: { username: 'alex' } });
      },
    });
    await postMail(app, { kind: 'fails_once' });
    await deliver(app);
    expect(logged('mail not sent')).toMatchObject([{ reason: 'not today' }]);
    app.clock.advance(1);
    await deliver(app);
    expect(server.mails).toMatchObject([{ subject: 'Your password at Keys & Locks was changed' }]);
  });
});

describe('The limit of an address', () => {
  let server: MailServer;
  let app: TestApp;

  beforeAll(async () => {
    server = await MailServer.start();
    app = await createTestApp(smtp(server, { LOG_LEVEL: 'info' }));
    registerTestKinds(app);
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
  });
  beforeEach(async () => {
    app.clock.advance(DAY);
    await deliver(app);
    server.reset();
  });

  /** Posts and sends one message. @returns how many have come by now */
  async function sendOne(mail: Parameters<typeof postMail>[1] = {}): Promise<number> {
    await postMail(app, mail);
    await deliver(app);
    return server.mails.length;
  }

  it('is 3 messages within any hour, and drops the rest of what anybody can ask for', async () => {
    const log = captureLog();
    expect(await sendOne()).toBe(1);
    app.clock.advance(20 * MINUTE);
    expect(await sendOne({ address: 'ALEX@example.COM' })).toBe(2);
    app.clock.advance(20 * MINUTE);
    expect(await sendOne()).toBe(3);
    expect(await sendOne()).toBe(3);
    expect(outgoingRows(app)).toEqual([]);
    expect(log.at(-1)).toMatchObject({ level: 40, kind: 'asked' });
    expect(log.at(-1)!.msg).toBe('mail dropped: its address has had 3 within the hour');
    expect(JSON.stringify(log)).not.toMatch(/alex@/i);
    app.clock.advance(20 * MINUTE - 0.001);
    expect(await sendOne()).toBe(3);
    app.clock.advance(0.001);
    expect(await sendOne()).toBe(4);
    expect(await sendOne()).toBe(4);
    app.clock.advance(20 * MINUTE);
    expect(await sendOne()).toBe(5);
  });

  it('is each address’s own', async () => {
    for (let i = 0; i < 3; i += 1) await sendOne();
    expect(await sendOne({ address: 'other@example.com' })).toBe(4);
    expect(await sendOne({ address: 'alex+1@example.com' })).toBe(5);
  });

  it('lets a notice wait until the hour is over, and go before what is asked for then', async () => {
    await sendOne();
    app.clock.advance(10 * MINUTE);
    for (let i = 0; i < 2; i += 1) await sendOne();
    expect(await sendOne({ kind: 'notice' })).toBe(3);
    expect(outgoingRows(app)).toMatchObject([
      { kind: 'notice', attempts: 0, due_at: app.clock.now() + 50 * MINUTE * 1000 },
    ]);
    app.clock.advance(50 * MINUTE);
    expect(await sendOne()).toBe(4);
    expect(outgoingRows(app)).toEqual([]);
  });

  it('counts a message once, however often it is tried', async () => {
    server.refusals = { recipient: 450 };
    await sendOne();
    for (let i = 0; i < 5; i += 1) {
      app.clock.advance(5 * MINUTE);
      await deliver(app);
    }
    server.refusals = {};
    app.clock.advance(5 * MINUTE);
    expect(await sendOne()).toBe(2);
    expect(await sendOne()).toBe(3);
    expect(await sendOne()).toBe(3);
  });

  it('is forgotten when the hour is over', async () => {
    for (let i = 0; i < 60; i += 1) await postMail(app, { address: `a${i}@example.com` });
    await deliver(app);
    app.clock.advance(HOUR - 1);
    await app.app.get(MailSender).tidy();
    expect(sql(app, 'SELECT * FROM mail_allowances')).toHaveLength(60);
    app.clock.advance(1);
    await app.app.get(MailSender).tidy();
    expect(sql(app, 'SELECT * FROM mail_allowances')).toEqual([]);
  }, 20_000);
});

describe('Two instances', () => {
  let server: MailServer;
  let postgres: PostgresServer;
  beforeAll(async () => {
    server = await MailServer.start();
    postgres = await PostgresServer.start();
  }, 60_000);
  afterAll(async () => {
    await postgres.remove();
    await server.stop();
  });
  beforeEach(() => server.reset());

  /** Two on one database: of SQLite in the folder of the first, where no URL is given. */
  async function startTwo(url?: string): Promise<[TestApp, TestApp]> {
    const first = await createTestApp(smtp(server, url ? { DATABASE_URL: url } : {}));
    const DATABASE_URL = url ?? `sqlite:///${first.databasePath}`;
    const second = await createTestApp(smtp(server, { DATABASE_URL }));
    for (const app of [first, second]) registerTestKinds(app);
    return [first, second];
  }

  describe.each(['SQLite', 'PostgreSQL'])('on %s', (kind) => {
    let apps: [TestApp, TestApp];
    beforeAll(async () => {
      apps = await startTwo(
        kind === 'SQLite' ? undefined : await postgres.createDatabase('mail_instances'),
      );
    });
    afterAll(async () => {
      for (const app of apps.toReversed()) await app.close();
    });
    const deliverBoth = () => Promise.all(apps.map(deliver));

    it('send each message once', async () => {
      const addresses = Array.from({ length: 30 }, (_, i) => `to${i}@example.com`);
      for (const address of addresses) await postMail(apps[0], { address });
      await deliverBoth();
      expect(server.mails.map(({ to }) => to).sort()).toEqual(addresses.sort());
    });

    it('send 3 messages to an address between them, and the notices in the hours after', async () => {
      for (let i = 0; i < 12; i += 1) await postMail(apps[i % 2]!, { address: 'eve@example.com' });
      for (let i = 0; i < 4; i += 1)
        await postMail(apps[0], { address: 'bob@example.com', kind: 'notice' });
      await deliverBoth();
      const to = (address: string) => server.mails.filter((mail) => mail.to === address).length;
      expect([to('eve@example.com'), to('bob@example.com')]).toEqual([3, 3]);
      for (const { clock } of apps) clock.advance(HOUR);
      await deliverBoth();
      expect([to('eve@example.com'), to('bob@example.com')]).toEqual([3, 4]);
      await apps[0].app.get(MailSender).tidy();
    });

    it('go on with what one of them has taken and never done', async () => {
      const [first, second] = apps;
      first.app.get(MailKinds).register('asked_of_the_dead', {
        isSolicitable: true,
        recipient: () => new Promise(() => undefined),
        compose: () => Promise.reject(new Error('never')),
      });
      second.app.get(MailKinds).register('asked_of_the_dead', {
        isSolicitable: true,
        recipient: () => Promise.resolve('carol@example.com'),
        compose: () =>
          Promise.resolve({ template: 'password_changed', variables: { username: 'carol' } }),
      });
      await postMail(first, { kind: 'asked_of_the_dead' });
      const taken = first.app.get(MailQueue).claimNext();
      await taken;
      await deliver(second);
      expect(server.mails).toEqual([]);
      second.clock.advance(2 * MINUTE);
      await deliver(second);
      expect(server.mails).toMatchObject([{ to: 'carol@example.com' }]);
    });
  });
});

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
    const app = await createTestApp({ ...MAIL, SMTP_URL: url });
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

  it('that fail are tried again', async () => {
    server = await MailServer.start(options);
    await sendFrom(server.urlAt('127.0.0.1', 'post%40example.com:wrong@'), (app) => {
      expect(outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    });
  });

  // 0.0.0.0 is this machine too, but not one of the names that say so.
  it('are refused with a certificate that nobody signed', async () => {
    server = await MailServer.start(options);
    await sendFrom(server.urlAt('0.0.0.0', credentials), (app) => {
      expect(outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
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
    await sendFrom(server.urlAt('0.0.0.0', credentials), (app) => {
      expect(outgoingRows(app)).toMatchObject([{ attempts: 1 }]);
    });
    expect(logins).toBe(0);
    await sendFrom(server.urlAt('127.0.0.1', credentials), () => {
      expect(server.mails).toMatchObject([{ isSecure: false, user: 'anybody' }]);
    });
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
    app.folder.remove();
  });

  it('waits for a message under way, and leaves one that takes too long to the next start', async () => {
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
    const rows = outgoingRows(app);
    expect(rows).toMatchObject([{ attempts: 1 }, { attempts: 1 }, { attempts: 0 }]);
    for (const { due_at } of rows) expect(due_at).toBe(app.clock.now());
  });

  it('waits for the server’s word on what it is reading', async () => {
    await postMail(app);
    void deliver(app);
    await until(() => server.held === 1);
    const closed = app.app.close();
    server.release();
    await closed;
    expect(server.mails).toHaveLength(1);
    expect(outgoingRows(app)).toEqual([]);
  });
});

describe('Mail without a server', () => {
  it('becomes files that only their owner reads, and the log says where', async () => {
    const app = await createTestApp({ LOG_LEVEL: 'info', APP_URL: 'https://app.example.com' });
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
    // Whoever develops copies the link out of the file.
    expect(readFileSync(join(folder, files[1]!), 'utf8')).toContain(`${mails[1]!.link}\r\n`);
    await app.close();
  });

  it('waits for one in production, but for no longer than 3 days', async () => {
    const app = await createTestApp({ NODE_ENV: 'production', LOG_LEVEL: 'warn' });
    registerTestKinds(app);
    const log = captureLog();
    await postMail(app);
    await deliver(app);
    app.clock.advance(3 * DAY - 1);
    await app.app.get(MailSender).tidy();
    expect(outgoingRows(app)).toMatchObject([{ attempts: 0 }]);
    expect(existsSync(app.folder.join('mail'))).toBe(false);
    app.clock.advance(1);
    await app.app.get(MailSender).tidy();
    expect(outgoingRows(app)).toEqual([]);
    expect(log).toMatchObject([{ removed: 1, msg: 'mail given up: SMTP_URL is not set' }]);
    await app.close();
  });

  it('says once at the start in production that it waits', async () => {
    const folder = new TemporaryFolder();
    const service = await startService(folder, { NODE_ENV: 'production' });
    await service.end();
    const warnings = service.log.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([{ msg: 'SMTP_URL is not set: mail waits until it is' }]);
    folder.remove();
  });
});

describe('Templates of the operator', () => {
  let folder: TemporaryFolder;
  beforeEach(() => void (folder = new TemporaryFolder()));
  afterEach(() => folder.remove());

  /** Writes the file, and starts an app with it. */
  function startWith(file: string, content: string, environment: Record<string, string> = {}) {
    writeFileSync(folder.join(file), content);
    return createTestApp({ MAIL_TEMPLATES: folder.path, APP_NAME: 'Post', ...environment });
  }

  it('go before latchkey’s own, file by file', async () => {
    const text = '\uFEFFSubject: {{app_name}} says hello\r\n\r\nHello {{username}}: {{{link}}}\r\n';
    const app = await startWith('reset_password.txt', text);
    registerTestKinds(app);
    await postMail(app);
    const mail = await deliveredMail(app);
    expect(mail).toMatchObject({ subject: 'Post says hello', token: TOKEN });
    expect(mail.text).toMatch(/^Hello al<b>ex: http/);
    expect(mail.html).toContain('for the account <strong>al&#60;b&#62;ex</strong>');
    await app.close();
  });

  it('put nothing into a line that would begin another', async () => {
    const app = await startWith('reset_password.txt', 'Subject: x\n\nHello {{username}}\n');
    app.app.get(MailKinds).register('hostile', {
      isSolicitable: true,
      recipient: () => Promise.resolve('alex@example.com'),
      compose: () =>
        Promise.resolve({
          template: 'reset_password',
          variables: { username: 'a\r\nb\u2028c\u202Ed', minutes: '1', link: 'x' },
        }),
    });
    await postMail(app, { kind: 'hostile' });
    expect((await deliveredMail(app)).text.trim()).toBe('Hello a\uFFFD\uFFFDb\uFFFDc\uFFFDd');
    await app.close();
  });

  it.each([
    ['verify_email.txt', 'Hello {{username}}', /expected a first line "Subject: …"/],
    ['verify_email.txt', 'Subject: \n\nHello', /expected a first line "Subject: …"/],
    ['verify_email.txt', 'Subject: x\nHello', /expected a first line "Subject: …"/],
    ['verify_email.txt', 'Subject: x\n\n \n', /expected a text/],
    ['verify_email.txt', 'Subject: {{username}}\n\nHello', /the subject may use app_name, app_url/],
    ['verify_email.txt', 'Subject: x\n\n{{lnik}}', /and not lnik/],
    ['verify_email.html', '<p>{{#link}}</p>', /Unclosed section "link"/],
    ['verify_email.html', '<p>{{link</p>', /Unclosed tag/],
    ['verify_email.html', '<p>{{> other}}</p>', /other templates can not be put into one/],
    ['verify-email.txt', 'Subject: x\n\nHello', /replaces no template/],
  ])('are refused at the start: %s with %j', async (file, content, problem) => {
    const error = await startWith(file, content).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(`MAIL_TEMPLATES: ${folder.join(file)}`);
    expect((error as Error).message).toMatch(problem);
  });

  it('that are not there end the start with 78, and a sentence', async () => {
    const MAIL_TEMPLATES = folder.join('nowhere');
    const { status, stderr } = await runService(folder, { MAIL_TEMPLATES });
    expect(status).toBe(78);
    expect(stderr).toContain(
      `MAIL_TEMPLATES: ENOENT: no such file or directory, scandir '${MAIL_TEMPLATES}'`,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

describe('latchkey’s own templates', () => {
  it('say all that they are given, in text and in HTML', async () => {
    const app = await createTestApp();
    const templates = app.app.get(MailTemplates);
    const variables = {
      username: 'alex',
      link: 'https://l.example/#t',
      hours: '24',
      minutes: '30',
      address: 'new@example.com',
    };
    for (const file of readdirSync('templates').filter((name) => name.endsWith('.txt'))) {
      const { subject, text, html } = templates.render(file.replace('.txt', ''), variables);
      expect(subject).toMatch(/latchkey/);
      for (const body of [text, html]) {
        expect(body).not.toMatch(/\{\{|undefined|<img|<script/);
        expect(body).toMatch(/[Ii]f (you did not|it was not you)/);
      }
      expect(html.includes('href="https://l.example/#t"')).toBe(
        text.includes('https://l.example/#t'),
      );
      expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    }
    await app.close();
  });

  it('tell a stranger’s address nothing that somebody else typed', async () => {
    const app = await createTestApp();
    const variables = {
      username: 'win-a-prize.example',
      link: 'x',
      hours: '24',
      address: 'a@b.example',
    };
    for (const name of ['verify_email', 'change_email']) {
      const { text, html } = app.app.get(MailTemplates).render(name, variables);
      expect(text + html).not.toContain('win-a-prize');
    }
    await app.close();
  });
});
