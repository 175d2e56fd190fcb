import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/config/config-error.js';
import { MailKindRegistry } from '../../src/mail/mail-kind-registry.js';
import { MailTemplates } from '../../src/mail/mail-templates.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { deliveredMail } from '../support/delivered-mail.js';
import { runService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';
import { postMail, registerTestKinds, TOKEN } from '../support/test-mail.js';

describe('Templates of the operator', () => {
  let folder: TemporaryFolder;
  let app: TestApp | undefined;
  beforeEach(() => void (folder = new TemporaryFolder()));
  afterEach(async () => {
    await app?.close();
    app = undefined;
    await folder.remove();
  });

  /** Writes the file, and starts an app with it. */
  function startWith(file: string, content: string, environment: Record<string, string> = {}) {
    writeFileSync(folder.join(file), content);
    return createTestApp({ MAIL_TEMPLATES: folder.path, APP_NAME: 'Post', ...environment });
  }

  it('take precedence over latchkey’s own, file by file', async () => {
    const text = '\uFEFFSubject: {{app_name}} says hello\r\n\r\nHello {{username}}: {{{link}}}\r\n';
    app = await startWith('reset_password.txt', text);
    registerTestKinds(app);
    await postMail(app);
    const mail = await deliveredMail(app);
    expect(mail).toMatchObject({ subject: 'Post says hello', token: TOKEN });
    expect(mail.text).toMatch(/^Hello al<b>ex: http/);
    expect(mail.html).toContain('<strong>al&#60;b&#62;ex</strong>');
  });

  it('put nothing into a line that would start another', async () => {
    app = await startWith('reset_password.txt', 'Subject: x\n\nHello {{username}}\n');
    app.app.get(MailKindRegistry).register('hostile', {
      isSolicitable: true,
      prepare: () => {
        const variables = { username: 'a\r\nb\u2028c\u202Ed', minutes: '1', link: 'x' };
        const compose = () => Promise.resolve({ template: 'reset_password', variables });
        return Promise.resolve({ to: 'alex@example.com', compose });
      },
    });
    await postMail(app, { kind: 'hostile' });
    expect((await deliveredMail(app)).text.trim()).toBe('Hello a\uFFFD\uFFFDb\uFFFDc\uFFFDd');
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
    ['verify_email.html', '<p>{{> other}}</p>', /other templates can not be included/],
    ['verify-email.txt', 'Subject: x\n\nHello', /replaces no template/],
  ])('are refused at the start: %s with %j', async (file, content, problem) => {
    const error = await startWith(file, content).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toContain(`MAIL_TEMPLATES: ${folder.join(file)}`);
    expect((error as Error).message).toMatch(problem);
  });

  it('that do not exist end the start with 78, and a sentence', async () => {
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
  let app: TestApp;
  beforeAll(async () => void (app = await createTestApp()));
  afterAll(() => app.close());

  it('use all variables that they are given, in text and in HTML', () => {
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
  });

  it('send a stranger’s address nothing that someone else entered', () => {
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
  });
});
