import { Injectable } from '@nestjs/common';
import type { OutgoingMail } from './outgoing-mail.entity.js';

/** What a message says: the template's name, and what goes into it. */
export interface MailContent {
  template: string;
  variables: Record<string, string>;
}

/** A message that may be sent: its recipient, and how it is composed. */
export interface PreparedMail {
  to: string;
  /** Called for each attempt to send it, once it is certain that it may be sent. */
  compose: () => Promise<MailContent>;
}

/** What the sender has to know about one kind of message, registered by the module that sends it. */
export interface MailKind {
  /**
   * Can anyone have it sent to anyone, as with a password reset? Then what is over the limit of an address
   * is not sent; a notice is sent later.
   */
  isSolicitable: boolean;
  /**
   * Looks up whom it is about, once: it is composed for the address that is returned, and for no other that the user
   * gets meanwhile.
   * @returns undefined if it has no recipient, or no longer has one
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
