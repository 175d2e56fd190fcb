import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { OneAtATime } from '../common/one-at-a-time.js';
import { Outbox } from '../mail/outbox.service.js';
import { InvalidOneTimeToken } from '../one-time-tokens/one-time-token-errors.js';
import { OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import { UsersService } from '../users/users.service.js';
import type { AddressBody, NewPasswordBody } from './account-bodies.js';
import { AccountsService } from './accounts.service.js';
import { MailNotice } from './dto/mail-notice.js';

/** A new password for users who forgot theirs, or never had one. */
@Injectable()
export class PasswordResetService {
  private readonly byToken = new OneAtATime();

  constructor(
    private readonly users: UsersService,
    private readonly accounts: AccountsService,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {}

  /** Whether the address has an owner is checked when the mail is sent: what happens here is the same for all. */
  async request(context: RequestContext, { email }: AddressBody): Promise<MailNotice> {
    await this.outbox.post({ kind: 'reset_password', address: email });
    await this.recorder.record('password_reset_requested', context);
    return MailNotice.SENT;
  }

  /**
   * @throws InvalidOneTimeToken
   * @throws InvalidFields that says why the password is refused; the link stays valid for another try
   */
  async confirm(context: RequestContext, body: NewPasswordBody): Promise<void> {
    // One hash for all requests that bring the same token at once: the others find it used.
    await this.byToken.run(body.token, () => this.change(context, body));
  }

  private async change(context: RequestContext, body: NewPasswordBody): Promise<void> {
    const found = await this.oneTimeTokens.find(body.token, ['reset_password', 'set_password']);
    const user = found.userId === null ? null : await this.users.findById(found.userId);
    // The link may have gone to an address that was given up in the meantime.
    if (!user || user.disabled || user.email !== found.address) throw new InvalidOneTimeToken();
    await this.accounts.changePassword(user, body.new_password, {
      entry: this.recorder.recording('password_reset', context, { user }),
      field: 'new_password',
      // The link proves access to the mailbox.
      change: { emailVerifiedAt: user.emailVerifiedAt ?? this.clock.now(), pendingUntil: null },
      demands: [this.oneTimeTokens.consuming(found)],
    });
  }
}
