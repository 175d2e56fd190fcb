import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../database/database.js';
import { Outbox } from '../mail/outbox.service.js';
import { InvalidOneTimeToken } from '../one-time-tokens/one-time-token-errors.js';
import {
  type FoundToken,
  OneTimeTokensService,
} from '../one-time-tokens/one-time-tokens.service.js';
import { addressColumns } from '../users/address-columns.js';
import type { User } from '../users/user.entity.js';
import { takenBy, UsersService } from '../users/users.service.js';
import type { AddressBody, TokenBody } from './account-bodies.js';
import { AccountsService } from './accounts.service.js';
import { MailNotice } from './dto/mail-notice.js';

/** An address becomes a user's, or is known to be theirs, once the link in a mail was followed. */
@Injectable()
export class EmailVerificationService {
  constructor(
    private readonly users: UsersService,
    private readonly accounts: AccountsService,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {}

  /** Sends the link again. Whether there is a reason to is checked when the mail is sent. */
  async request({ email }: AddressBody): Promise<MailNotice> {
    await this.outbox.post({ kind: 'verification_request', address: email });
    return MailNotice.SENT;
  }

  /**
   * @throws InvalidOneTimeToken
   * @throws EmailTaken if another user has verified the address in the meantime
   */
  async confirm(context: RequestContext, { token }: TokenBody): Promise<void> {
    const found = await this.oneTimeTokens.find(token, ['verify_email', 'change_email']);
    const user = found.userId === null ? null : await this.users.findById(found.userId);
    const { address } = found;
    if (!user || address === null || !isFor(found, user)) throw new InvalidOneTimeToken();
    const event = user.email === address ? 'email_verified' : 'email_changed';
    await this.give(user, address, found, this.recorder.recording(event, context, { user }));
  }

  private async give(
    user: User,
    address: string,
    token: FoundToken,
    entry: Statement,
  ): Promise<void> {
    try {
      const isDone = await this.database.group([
        this.users.changing(user.id, this.verified(address)),
        this.oneTimeTokens.consuming(token),
        ...(user.email === address ? [] : this.accounts.leavingAddress(user)),
        entry,
      ]);
      if (!isDone) throw new InvalidOneTimeToken();
    } catch (error) {
      throw takenBy(error, { username: String(user.username), email: address });
    }
  }

  private verified(email: string): Partial<User> {
    return { ...addressColumns(email), emailVerifiedAt: this.clock.now(), pendingUntil: null };
  }
}

/**
 * Only a change may set an address other than the current one: a verification may have been sent to one that was
 * given up in the meantime.
 */
function isFor({ purpose, address }: FoundToken, user: User): boolean {
  if (user.disabled) return false;
  if (purpose === 'change_email') return true;
  return user.email === address || (user.email === null && user.pendingUntil !== null);
}
