import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  type MailContent,
  type MailKind,
  MailKindRegistry,
  type PreparedMail,
} from '../mail/mail-kind-registry.js';
import { MailLinks } from '../mail/mail-links.js';
import { Outbox } from '../mail/outbox.service.js';
import type { OutgoingMail } from '../mail/outgoing-mail.entity.js';
import type { TokenPurpose } from '../one-time-tokens/one-time-token.entity.js';
import { LIFETIMES, OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

/** What a page does with the token of a link. */
const ACTIONS = {
  verify_email: 'verify-email',
  change_email: 'verify-email',
  reset_password: 'reset-password',
  set_password: 'reset-password',
} as const satisfies Partial<Record<TokenPurpose, string>>;

type LinkPurpose = keyof typeof ACTIONS;

const GONE = 'The recipient is gone';

/** A user, and the address that mail to them goes to. */
interface Addressee {
  mail: OutgoingMail;
  user: User;
  address: string;
}

/**
 * The messages about accounts. They are composed when they are sent: only then is it checked whether an address
 * has an owner, so that no answer depends on it, and a token is made.
 */
@Injectable()
export class AccountMailKinds implements OnModuleInit {
  constructor(
    private readonly kinds: MailKindRegistry,
    private readonly links: MailLinks,
    private readonly users: UsersService,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
  ) {}

  onModuleInit(): void {
    this.register('sign_up', true, (mail) => this.unlessOwned(mail, 'verify_email'));
    this.register('change_email', true, (mail) => this.unlessOwned(mail, 'change_email'));
    this.register('verify_email', true, async (mail) =>
      this.verification(mail, await this.userOf(mail)),
    );
    this.register('verification_request', true, (mail) => this.requestedVerification(mail));
    this.register('reset_password', true, (mail) => this.newPassword(mail, 'reset_password'));
    this.register('set_password', false, (mail) => this.newPassword(mail, 'set_password'));
    for (const kind of ['email_change_requested', 'email_changed', 'password_changed']) {
      this.register(kind, false, (mail) => this.notice(mail, kind));
    }
  }

  private register(kind: string, isSolicitable: boolean, prepare: MailKind['prepare']): void {
    this.kinds.register(kind, { isSolicitable, prepare });
  }

  /** A link that verifies the address; or, to a user who has it already, a notice that someone entered it. */
  private async unlessOwned(
    mail: OutgoingMail,
    purpose: LinkPurpose,
  ): Promise<PreparedMail | undefined> {
    const user = await this.userOf(mail);
    const { address } = mail;
    if (!user || address === null) return undefined;
    const owner = await this.users.findByAddress(address);
    const addressee = { mail, user, address };
    if (owner?.email && owner.id !== user.id) {
      return this.knownAddress(owner, owner.email, () => this.issue(purpose, addressee));
    }
    return this.withLink(addressee, purpose, purpose);
  }

  private async requestedVerification(mail: OutgoingMail): Promise<PreparedMail | undefined> {
    const { address } = mail;
    if (address === null) return undefined;
    const owner = await this.users.findByAddress(address);
    if (owner) return this.verification(mail, owner);
    const userId = await this.oneTimeTokens.findUserByAddress('verify_email', address);
    const user = userId === undefined ? null : await this.users.findById(userId);
    return user
      ? this.withLink({ mail, user, address }, 'verify_email', 'verify_email')
      : undefined;
  }

  private verification(mail: OutgoingMail, user: User | null): PreparedMail | undefined {
    if (!user?.email || user.emailVerifiedAt !== null) return undefined;
    return this.withLink({ mail, user, address: user.email }, 'verify_email', 'verify_email');
  }

  private async newPassword(
    mail: OutgoingMail,
    purpose: LinkPurpose,
  ): Promise<PreparedMail | undefined> {
    const user = await this.userOf(mail);
    if (!user?.email || user.disabled) return undefined;
    return this.withLink({ mail, user, address: user.email }, purpose, purpose);
  }

  private async notice(mail: OutgoingMail, template: string): Promise<PreparedMail | undefined> {
    const user = await this.userOf(mail);
    if (!user || mail.address === null) return undefined;
    const variables = { username: String(user.username), address: user.email ?? '' };
    return { to: mail.address, compose: () => Promise.resolve({ template, variables }) };
  }

  /** @param issue makes a token that is never sent: an export shows that one exists, for any address */
  private knownAddress({ username }: User, to: string, issue: () => Promise<string>): PreparedMail {
    const variables = { username: String(username), link: this.links.pageFor('reset-password') };
    const compose = async () => {
      await issue();
      return { template: 'already_registered', variables };
    };
    return { to, compose };
  }

  private withLink(addressee: Addressee, purpose: LinkPurpose, template: string): PreparedMail {
    const { user, address } = addressee;
    const compose = async (): Promise<MailContent> => {
      const token = await this.issue(purpose, addressee);
      const variables = {
        username: String(user.username),
        link: this.links.linkTo(ACTIONS[purpose], token),
        address,
        ...validity(LIFETIMES[purpose]),
      };
      return { template, variables };
    };
    return { to: address, compose };
  }

  /** @throws Error if the message was withdrawn: what it was about no longer applies */
  private async issue(purpose: LinkPurpose, { mail, user, address }: Addressee): Promise<string> {
    const order = { purpose, userId: user.id, address };
    const token = await this.oneTimeTokens.issueFor(this.outbox.holding(mail), order);
    if (token === undefined) throw new Error(GONE);
    return token;
  }

  /** The user the message is about, by id; or by the address that was entered. */
  private async userOf({ userId, address }: OutgoingMail): Promise<User | null> {
    if (userId !== null) return this.users.findById(userId);
    return address === null ? null : this.users.findByAddress(address);
  }
}

/** How long a link is valid, as templates put it. @param time in milliseconds, of whole minutes or hours */
function validity(time: number): Record<string, string> {
  return { minutes: String(time / 60_000), hours: String(time / 3_600_000) };
}
