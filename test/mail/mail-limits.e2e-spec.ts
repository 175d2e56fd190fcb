import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Sweeper } from '../../src/database/sweeper.js';
import { MailKindRegistry } from '../../src/mail/mail-kind-registry.js';
import { DueMails } from '../../src/mail/due-mails.js';
import { captureLog } from '../support/captured-log.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { MailServer } from '../support/mail-server.js';
import { sql } from '../support/sql.js';
import { deliver, outgoingRows, postMail, registerTestKinds, smtp } from '../support/test-mail.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

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

  /** Queues and sends one message. @returns how many have arrived by now */
  async function sendOne(mail: Parameters<typeof postMail>[1] = {}): Promise<number> {
    await postMail(app, mail);
    await deliver(app);
    return server.mails.length;
  }

  it('is 3 messages within any hour, and drops further ones that anyone can request', async () => {
    const log = captureLog();
    expect(await sendOne()).toBe(1);
    app.clock.advance(20 * MINUTE);
    expect(await sendOne({ address: 'ALEX@example.COM' })).toBe(2);
    app.clock.advance(20 * MINUTE);
    expect(await sendOne()).toBe(3);
    expect(await sendOne()).toBe(3);
    expect(await outgoingRows(app)).toEqual([]);
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

  it('is separate for each address', async () => {
    for (let i = 0; i < 3; i += 1) await sendOne();
    expect(await sendOne({ address: 'other@example.com' })).toBe(4);
    expect(await sendOne({ address: 'alex+1@example.com' })).toBe(5);
  });

  it('makes a notice wait until the hour is over, and go before messages requested then', async () => {
    await sendOne();
    app.clock.advance(10 * MINUTE);
    for (let i = 0; i < 2; i += 1) await sendOne();
    expect(await sendOne({ kind: 'notice' })).toBe(3);
    expect(await outgoingRows(app)).toMatchObject([
      { kind: 'notice', attempts: 0, due_at: app.clock.now() + 50 * MINUTE * 1000 },
    ]);
    app.clock.advance(50 * MINUTE);
    expect(await sendOne()).toBe(4);
    expect(await outgoingRows(app)).toEqual([]);
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

  it('is reset when the hour is over', async () => {
    for (let i = 0; i < 60; i += 1) await postMail(app, { address: `a${i}@example.com` });
    await deliver(app);
    app.clock.advance(HOUR - 1);
    await app.app.get(Sweeper).sweep();
    expect(await sql(app, 'SELECT * FROM mail_allowances')).toHaveLength(60);
    app.clock.advance(1);
    await app.app.get(Sweeper).sweep();
    expect(await sql(app, 'SELECT * FROM mail_allowances')).toEqual([]);
  });
});

describe('Two instances on one database', () => {
  let server: MailServer;
  let apps: [TestApp, TestApp];
  beforeAll(async () => {
    server = await MailServer.start();
    const first = await createTestApp(smtp(server));
    const second = await createTestApp(smtp(server, { DATABASE_URL: first.databaseUrl }));
    apps = [first, second];
    for (const app of apps) registerTestKinds(app);
  });
  afterAll(async () => {
    for (const app of apps.toReversed()) await app.close();
    await server.stop();
  });
  beforeEach(() => server.reset());
  const deliverBoth = () => Promise.all(apps.map(deliver));

  it('send each message once', async () => {
    const addresses = Array.from({ length: 30 }, (_, i) => `to${i}@example.com`);
    for (const address of addresses) await postMail(apps[0], { address });
    await deliverBoth();
    expect(server.mails.map(({ to }) => to).sort()).toEqual(addresses.sort());
  });

  it('send 3 messages to an address in total, and the notices in the hours after', async () => {
    for (let i = 0; i < 12; i += 1) await postMail(apps[i % 2]!, { address: 'eve@example.com' });
    for (let i = 0; i < 4; i += 1)
      await postMail(apps[0], { address: 'bob@example.com', kind: 'notice' });
    await deliverBoth();
    const to = (address: string) => server.mails.filter((mail) => mail.to === address).length;
    expect([to('eve@example.com'), to('bob@example.com')]).toEqual([3, 3]);
    for (const { clock } of apps) clock.advance(HOUR);
    await deliverBoth();
    expect([to('eve@example.com'), to('bob@example.com')]).toEqual([3, 4]);
    await apps[0].app.get(Sweeper).sweep();
  });

  it('send what one of them has claimed and never sent', async () => {
    const [first, second] = apps;
    first.app.get(MailKindRegistry).register('asked_of_the_dead', {
      isSolicitable: true,
      prepare: () => new Promise(() => undefined),
    });
    second.app.get(MailKindRegistry).register('asked_of_the_dead', {
      isSolicitable: true,
      prepare: () => {
        const content = { template: 'password_changed', variables: { username: 'carol' } };
        return Promise.resolve({
          to: 'carol@example.com',
          compose: () => Promise.resolve(content),
        });
      },
    });
    await postMail(first, { kind: 'asked_of_the_dead' });
    const taken = first.app.get(DueMails).claimNext();
    await taken;
    await deliver(second);
    expect(server.mails).toEqual([]);
    second.clock.advance(2 * MINUTE);
    await deliver(second);
    expect(server.mails).toMatchObject([{ to: 'carol@example.com' }]);
  });
});
