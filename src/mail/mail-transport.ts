import { Injectable } from '@nestjs/common';
import type { Transporter } from 'nodemailer';
import { Clock } from '../common/clock.js';
import { isoTime } from '../common/iso-time.js';
import { MailSettings } from '../config/settings.js';
import { MailFolder } from './mail-folder.js';
import { MailRefused } from './mail-refused.js';
import type { RenderedMail } from './mail-templates.js';
import { smtpOptions } from './smtp-options.js';

/** A message as it goes out. */
export interface OutgoingMessage extends RenderedMail {
  to: string;
}

/** One address and nothing around it: no name, no list, no line break that would begin a header. */
const ADDRESS = /^[^\s\p{C}<>()[\]\\,;:"]+@[^\s\p{C}<>()\\,;"@]+$/u;

/** Delivers a message: to the server at `SMTP_URL`, or without it into a file of `MAIL_DIR`. */
@Injectable()
export class MailTransport {
  private readonly options: ReturnType<typeof smtpOptions> | undefined;
  private server: Promise<Transporter> | undefined;
  private readonly folder: MailFolder | undefined;

  /** @throws ConfigError for credentials in the URL that can't be decoded */
  constructor(
    private readonly settings: MailSettings,
    private readonly clock: Clock,
  ) {
    const { smtpUrl, directory } = settings;
    if (smtpUrl !== null) this.options = smtpOptions(smtpUrl);
    else if (directory !== null) this.folder = new MailFolder(directory);
  }

  /** Is there somewhere to deliver to? */
  get isThere(): boolean {
    return (this.options ?? this.folder) !== undefined;
  }

  /**
   * @param name for the file, if it becomes one
   * @param signal aborts it
   * @returns the path of the file, if it became one
   * @throws MailRefused for a message that will never be accepted; any other error may be temporary
   */
  async deliver(
    message: OutgoingMessage,
    name: string,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (!ADDRESS.test(message.to) || message.to.length > 254) {
      throw new MailRefused(new Error('not an address'));
    }
    const mail = this.headed(message);
    if (this.folder) return this.folder.write(mail, `${fileTime(this.clock)}-${name}.eml`);
    try {
      this.server ??= this.open();
      await (await this.server).sendMail({ ...mail, signal });
    } catch (error) {
      throw MailRefused.isPermanent(error) ? new MailRefused(error) : error;
    }
    return undefined;
  }

  /** Loaded with the first message: it takes 15 MB. */
  private async open(): Promise<Transporter> {
    const { createTransport } = await import('nodemailer');
    return createTransport(this.options);
  }

  private headed({ to, subject, text, html }: OutgoingMessage) {
    return {
      from: this.settings.from,
      // An object, since a string would be parsed, possibly as several addresses.
      to: { name: '', address: to },
      subject,
      text,
      html,
      date: new Date(this.clock.now()),
      // Suppresses automatic replies such as vacation notices (RFC 3834 §5).
      headers: { 'Auto-Submitted': 'auto-generated' },
      xMailer: false as const,
      disableUrlAccess: true,
      disableFileAccess: true,
    };
  }
}

/** So that the files sort by time. */
function fileTime(clock: Clock): string {
  return isoTime(clock.now()).replace(/[-:]/g, '');
}
