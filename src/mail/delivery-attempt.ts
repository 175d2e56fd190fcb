import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '../common/clock.js';
import { messageOf } from '../common/error-message.js';
import { logText } from '../common/log-text.js';
import { Instrumentation } from '../common/instrumentation.js';
import { Database } from '../database/database.js';
import { MailAllowances } from './mail-allowances.service.js';
import { type MailKind, MailKindRegistry, type PreparedMail } from './mail-kind-registry.js';
import { DueMails } from './due-mails.js';
import { MailRefused, type SmtpFailure } from './mail-refused.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import type { OutgoingMail } from './outgoing-mail.entity.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

/** How long a message that can't be sent is kept, in milliseconds. */
export const KEPT_MS = 3 * 24 * 60 * MINUTE_MS;

/** The longest wait between two attempts, in milliseconds. */
const LONGEST_WAIT_MS = 5 * MINUTE_MS;

/** How long an attempt may take, in milliseconds: a server that sends a byte now and then never times out. */
const LONGEST_ATTEMPT_MS = 30 * SECOND_MS;

/** Commands whose answers may carry the recipient's address, or a link out of the message. */
const TELLING = /^(MAIL FROM|RCPT TO|DATA)$/;

/** One attempt to send one message, and what becomes of the message after it. */
@Injectable()
export class DeliveryAttempt {
  constructor(
    private readonly kinds: MailKindRegistry,
    private readonly due: DueMails,
    private readonly allowances: MailAllowances,
    private readonly templates: MailTemplates,
    private readonly transport: MailTransport,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly instrumentation: Instrumentation,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('DeliveryAttempt');
  }

  /** @param stopping aborts the attempt; the message is then due at once, for the next sender */
  async attempt(mail: OutgoingMail, stopping: AbortSignal): Promise<void> {
    const kind = this.kinds.get(mail.kind);
    try {
      // An instance of a newer version may know the kind.
      if (!kind) await this.keep(mail, new Error('unknown kind'), LONGEST_WAIT_MS);
      else await this.attemptKnown(mail, kind, stopping);
    } catch (error) {
      await this.keep(mail, error, MINUTE_MS);
    }
  }

  private async attemptKnown(
    mail: OutgoingMail,
    kind: MailKind,
    stopping: AbortSignal,
  ): Promise<void> {
    const prepared = await kind.prepare(mail);
    if (!prepared) await this.due.remove(mail);
    else if (await this.begin(mail, prepared.to)) await this.send(mail, prepared, stopping);
    else await this.holdBack(mail, kind, prepared.to);
  }

  /** The first attempt takes the message's allowance, in one transaction. @returns false if there is none left */
  private async begin(mail: OutgoingMail, recipient: string): Promise<boolean> {
    const isAllowed =
      mail.attempts > 0 ||
      (await this.database.group([this.allowances.taking(recipient), this.due.beginning(mail)]));
    if (isAllowed) mail.attempts += 1;
    return isAllowed;
  }

  private async holdBack(mail: OutgoingMail, kind: MailKind, recipient: string): Promise<void> {
    const facts = { mail_id: mail.id, kind: mail.kind };
    if (kind.isSolicitable) {
      await this.due.remove(mail);
      this.logger.warn(facts, 'mail dropped: its address has had 3 within the hour');
      return;
    }
    await this.due.postpone(mail, await this.allowances.freeAt(recipient));
    this.logger.info(facts, 'mail postponed: its address has had 3 within the hour');
  }

  private async send(
    mail: OutgoingMail,
    { to, compose }: PreparedMail,
    stopping: AbortSignal,
  ): Promise<void> {
    const facts = { mail_id: mail.id, kind: mail.kind };
    try {
      const { template, variables } = await compose();
      const message = { ...this.templates.render(template, variables), to };
      const name = `${String(mail.id).padStart(6, '0')}-${mail.kind}`;
      const file = await this.instrumentation.during({ kind: 'mail', mail: mail.kind }, () =>
        bounded(stopping, (signal) => this.transport.deliver(message, name, signal)),
      );
      this.logger.info({ ...facts, file }, file ? 'mail written to a file' : 'mail sent');
    } catch (error) {
      if (stopping.aborted) return this.due.postpone(mail, this.clock.now(), mail.attempts);
      if (error instanceof MailRefused) return this.giveUp(mail, error.cause);
      return this.keep(mail, error, waitAfter(mail.attempts));
    }
    await this.due.remove(mail);
  }

  /** Schedules another attempt, unless it has been tried for long enough. */
  private async keep(mail: OutgoingMail, error: unknown, wait: number): Promise<void> {
    const now = this.clock.now();
    if (now - mail.createdAt >= KEPT_MS) return this.giveUp(mail, error);
    const retryIn = Math.ceil(wait / SECOND_MS);
    this.logger.warn({ ...factsOf(mail, error), retry_in: retryIn }, 'mail not sent');
    await this.due.postpone(mail, now + wait, mail.attempts);
  }

  private async giveUp(mail: OutgoingMail, error: unknown): Promise<void> {
    this.logger.error(factsOf(mail, error), 'mail given up');
    await this.due.remove(mail);
  }
}

/** Aborts the work when the attempt takes too long, or the service stops. */
async function bounded<T>(
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  const timer = setTimeout(abort, LONGEST_ATTEMPT_MS);
  stopping.addEventListener('abort', abort);
  if (stopping.aborted) abort();
  try {
    return await work(attempt.signal);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', abort);
  }
}

/** A second, doubled with each attempt, minus a random half at most, so that retries don't come all at once. */
function waitAfter(attempts: number): number {
  const wait = Math.min(LONGEST_WAIT_MS, SECOND_MS * 2 ** Math.min(attempts - 1, 20));
  return Math.ceil(wait * (1 - Math.random() / 2));
}

/** For the log: what is wrong, and never a link or an address. */
function factsOf({ id, kind, attempts }: OutgoingMail, error: unknown) {
  const { code, command, responseCode } = (error ?? {}) as SmtpFailure;
  const isTelling = typeof command === 'string' && TELLING.test(command);
  return {
    mail_id: id,
    kind,
    attempts,
    code,
    command,
    response_code: responseCode,
    reason: isTelling ? undefined : logText(messageOf(error)),
  };
}
