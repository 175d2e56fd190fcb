import { Injectable } from '@nestjs/common';
import type { OutgoingMail } from './outgoing-mail.entity.js';

/** What a message says: the template's name, and what goes into it. */
export interface MailContent {
  template: string;
  variables: Record<string, string>;
}

/** A message that may be sent: to whom it goes, and how it is written. */
export interface PreparedMail {
  to: string;
  /** Called for each attempt to send it, once it is certain that it may be sent. */
  compose: () => Promise<MailContent>;
}

/** What the sender has to know of one kind of message; the room that sends it says so. */
export interface MailKind {
  /**
   * Can anyone have it sent to anyone, as the mail for a new password? Then what is over the limit of an address
   * is not sent; a notice is sent later.
   */
  isSolicitable: boolean;
  /**
   * Looks up whom it is about, once: what is composed is for the address that is returned, and for no other that they
   * get meanwhile.
   * @returns undefined if it goes to nobody, or no longer
   */
  prepare(mail: OutgoingMail): Promise<PreparedMail | undefined>;
}

/** The kinds of messages there are, by their names. */
@Injectable()
export class MailKindRegistry {
  private readonly kinds = new Map<string, MailKind>();

  register(name: string, kind: MailKind): void {
    this.kinds.set(name, kind);
  }

  get(name: string): MailKind | undefined {
    return this.kinds.get(name);
  }
}
