import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Injectable } from '@nestjs/common';
import { messageOf } from '../common/error-message.js';
import { packageFile } from '../common/package-file.js';
import { ConfigError } from '../config/config-error.js';
import { MailSettings } from '../config/settings.js';
import { MailTemplate } from './mail-template.js';

const OWN = fileURLToPath(packageFile('templates/'));

/** All messages, and the variables of each besides `app_name` and `app_url`. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  verify_email: ['username', 'link', 'hours'],
  already_registered: ['username', 'link'],
  reset_password: ['username', 'link', 'minutes'],
  set_password: ['username', 'link', 'hours'],
  change_email: ['username', 'link', 'hours', 'address'],
  email_change_requested: ['username'],
  email_changed: ['username', 'address'],
  password_changed: ['username'],
};

const FILES = Object.keys(VARIABLES).flatMap((name) => [`${name}.txt`, `${name}.html`]);

/** A message that is complete except for its recipient. */
export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** The texts of messages: latchkey's own files, or the operator's in their place. */
@Injectable()
export class MailTemplates {
  private readonly templates = new Map<string, MailTemplate>();

  constructor(private readonly settings: MailSettings) {}

  /** Reads all, so that a mistake in one shows at the start. @throws ConfigError naming the file */
  async load(): Promise<void> {
    const replaced = await this.replacedFiles();
    for (const file of FILES) {
      const isReplaced = replaced.includes(file);
      const path = resolve(isReplaced ? (this.settings.templates ?? '') : OWN, file);
      const template = await readTemplate(path, VARIABLES[nameOf(file)] ?? []);
      this.templates.set(file, template);
    }
  }

  /** @throws Error for an unknown template, or a variable that it needs and doesn't get */
  render(name: string, variables: Record<string, string>): RenderedMail {
    const { appName, appUrl } = this.settings;
    const shared = { app_name: appName, app_url: appUrl };
    const text = this.get(`${name}.txt`);
    const all = { ...variables, ...shared };
    // No header contains anything that a user could have entered.
    const subject = text.renderSubject(shared);
    return { subject, text: text.render(all), html: this.get(`${name}.html`).render(all) };
  }

  private get(file: string): MailTemplate {
    const template = this.templates.get(file);
    if (!template) throw new Error(`There is no template ${file}`);
    return template;
  }

  /** @throws ConfigError for a file that would never be read, because its name is misspelled */
  private async replacedFiles(): Promise<string[]> {
    const folder = this.settings.templates;
    if (folder === null) return [];
    const files = await readdir(folder).catch((error: unknown) => {
      throw new ConfigError([`MAIL_TEMPLATES: ${messageOf(error)}`]);
    });
    const found = files.filter((file) => /\.(txt|html)$/.test(file));
    const unknown = found.filter((file) => !FILES.includes(file));
    if (unknown.length === 0) return found;
    throw new ConfigError(
      unknown.map((file) => `MAIL_TEMPLATES: ${resolve(folder, file)} replaces no template`),
    );
  }
}

async function readTemplate(path: string, variables: readonly string[]): Promise<MailTemplate> {
  try {
    return MailTemplate.parse(await readFile(path, 'utf8'), path, variables);
  } catch (error) {
    throw new ConfigError([`MAIL_TEMPLATES: ${path}: ${messageOf(error)}`]);
  }
}

function nameOf(file: string): string {
  return file.replace(/\.\w+$/, '');
}
