import { type MailKind, MailKindRegistry } from '../../src/mail/mail-kind-registry.js';
import { MailLinks } from '../../src/mail/mail-links.js';
import type { OutgoingMail } from '../../src/mail/outgoing-mail.entity.js';
import { OutboxPoller } from '../../src/mail/outbox-poller.js';
import { Outbox } from '../../src/mail/outbox.service.js';
import type { TestApp } from './create-test-app.js';
import { sql } from './sql.js';

export const TOKEN = 'a-token_of.43-characters'.padEnd(43, 'x').replace('.', '-');

export interface OutgoingRow {
  id: number;
  kind: string;
  attempts: number;
  created_at: number;
  due_at: number;
}

/** The configuration of an app that sends its mail to the server. */
export function smtp({ url }: { url: string }, changes: Record<string, string> = {}) {
  const MAIL_FROM = 'latchkey@example.com';
  return { SMTP_URL: url, MAIL_FROM, APP_URL: 'https://app.example.com', ...changes };
}

/** Sends what is due. */
export function deliver({ app }: TestApp): Promise<void> {
  return app.get(OutboxPoller).deliverDue();
}

/** Recipients that are not stored in a row, by the id of the message. */
const typed: string[] = [];

/** Messages for tests of the sender alone: anyone can request `asked` and `to_text`, but not `notice`. */
export function registerTestKinds({ app }: TestApp): void {
  const link = app.get(MailLinks).linkTo('reset_password', TOKEN);
  const variables = { username: 'al<b>ex', minutes: '30', link };
  const compose = () => Promise.resolve({ template: 'reset_password', variables });
  const preparing =
    (recipient: (mail: OutgoingMail) => string | null | undefined): MailKind['prepare'] =>
    (mail) => {
      const to = recipient(mail) ?? undefined;
      return Promise.resolve(to === undefined ? undefined : { to, compose });
    };
  const asked: MailKind = { isSolicitable: true, prepare: preparing(({ address }) => address) };
  const kinds = app.get(MailKindRegistry);
  kinds.register('asked', asked);
  kinds.register('notice', { ...asked, isSolicitable: false });
  kinds.register('to_nobody', { ...asked, prepare: preparing(() => undefined) });
  kinds.register('to_text', { ...asked, prepare: preparing(({ userId }) => typed[userId ?? 0]) });
}

/** @param mail with `text` for an address that no row could hold */
export async function postMail(
  { app }: TestApp,
  mail: { kind?: string; address?: string; text?: string } = {},
): Promise<void> {
  const { kind = 'asked', address = 'alex@example.com', text = '' } = mail;
  const userId = typed.push(text) - 1;
  await app.get(Outbox).post({ kind, address, userId });
}

/** Queued messages, in their order. */
export async function outgoingRows(app: TestApp): Promise<OutgoingRow[]> {
  return await sql<OutgoingRow>(app, 'SELECT * FROM outgoing_mails ORDER BY id');
}
