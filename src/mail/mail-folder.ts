import { mkdir, rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { SendMailOptions } from 'nodemailer';

/** Messages as files, for development without a mail server. */
export class MailFolder {
  constructor(private readonly path: string) {}

  /** Writes a message to a temporary file and renames it, so that nobody reads half of one. @returns its path */
  async write(mail: SendMailOptions & { text: string }, name: string): Promise<string> {
    const { createTransport } = await import('nodemailer');
    const composer = createTransport({ streamTransport: true, buffer: true });
    const { message } = await composer.sendMail({ ...mail, text: asItIs(mail.text) });
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    const aside = resolve(this.path, `.${name}.part`);
    const path = resolve(this.path, name);
    await writeFile(aside, message as Buffer, { mode: 0o600 });
    await rename(aside, path);
    return path;
  }
}

/** Not as quoted-printable, which would break links that are copied from the file. */
function asItIs(text: string) {
  const headers = [
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
  ].join('\r\n');
  return { raw: `${headers}\r\n\r\n${text.replace(/\r?\n/g, '\r\n')}` };
}
