import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime, { type Email } from 'postal-mime';
import { OutboxPoller } from '../../src/mail/outbox-poller.js';
import type { TestApp } from './create-test-app.js';

/** A message as its recipient sees it. */
export interface DeliveredMail {
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Empty where the text has no link with a token. */
  link: string;
  token: string;
}

/** Lets only `deliveredMails` send mail, and no longer the sender's timer. */
export function holdMail(app: TestApp): void {
  const timers = Reflect.get(app.app.get(OutboxPoller), 'timers') as NodeJS.Timeout[];
  timers.forEach(clearInterval);
}

/** Sends what is due. @returns all messages in the app's folder, oldest first */
export async function deliveredMails(app: TestApp): Promise<DeliveredMail[]> {
  await app.app.get(OutboxPoller).deliverDue();
  return mailsIn(app.folder.join('mail'));
}

/** Sends what is due. @returns the newest message. @throws Error if there is none */
export async function deliveredMail(app: TestApp): Promise<DeliveredMail> {
  const newest = (await deliveredMails(app)).at(-1);
  if (!newest) throw new Error('No mail was delivered');
  return newest;
}

/** By path: a message never changes, and a test reads all of them each time. */
const parsed = new Map<string, Promise<DeliveredMail>>();

/** The messages in a folder, oldest first; none if there is no folder. */
export function mailsIn(folder: string): Promise<DeliveredMail[]> {
  return Promise.all(filesIn(folder).map((file) => mailIn(join(folder, file))));
}

function mailIn(path: string): Promise<DeliveredMail> {
  const mail = parsed.get(path) ?? PostalMime.parse(readFileSync(path)).then(asDelivered);
  parsed.set(path, mail);
  return mail;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((file) => file.endsWith('.eml'))
      .sort();
  } catch {
    return [];
  }
}

export function asDelivered({ to, subject = '', text = '', html = '' }: Email): DeliveredMail {
  const link = /\S+#\S*\btoken=\S+/.exec(text)?.[0] ?? '';
  const token = new URLSearchParams(link.split('#')[1]).get('token') ?? '';
  return { to: to?.[0]?.address ?? '', subject, text, html, link, token };
}
