import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { canonicalName } from '../common/canonical-text.js';
import { Clock } from '../common/clock.js';
import { InvalidFields, missingField } from '../http/invalid-fields.js';
import { OneAtATime } from '../common/one-at-a-time.js';
import { RegistrationSettings } from '../config/settings.js';
import { PasswordHasher } from '../crypto/password-hasher.js';
import type { Demand } from '../database/database.js';
import { InvalidOneTimeToken } from '../one-time-tokens/one-time-token-errors.js';
import { LIFETIMES, OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import { PasswordPolicy } from '../passwords/password-policy.js';
import { Outbox } from '../mail/outbox.service.js';
import { Profile } from '../users/dto/profile.js';
import { isOneOf } from '../users/user-rules.js';
import { UsernameTaken } from '../users/user-errors.js';
import { UsersService } from '../users/users.service.js';
import type { RegistrationBody } from './account-bodies.js';
import { InvitationRequired, RegistrationClosed, UsernameReserved } from './account-errors.js';
import { MailNotice } from './dto/mail-notice.js';

/** Signing up. */
@Injectable()
export class RegistrationService {
  private readonly inTurn = new OneAtATime();

  constructor(
    private readonly users: UsersService,
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
    private readonly settings: RegistrationSettings,
    private readonly clock: Clock,
    private readonly recorder: Recorder,
  ) {}

  /**
   * @returns the profile; or, where the address has to be verified first, the same notice for everyone
   * @throws RegistrationClosed
   * @throws InvitationRequired
   * @throws InvalidFields
   * @throws UsernameTaken
   * @throws EmailTaken unless the address has to be verified first: then its owner is notified by mail
   */
  async register(context: RequestContext, body: RegistrationBody): Promise<Profile | MailNotice> {
    const { username, email, password } = body;
    if (this.settings.registration === 'closed') throw new RegistrationClosed();
    // Before anything that reveals which names exist: that is only for clients that may sign up.
    await this.consumingInvitation(body.invitation);
    this.checkName(username);
    if (this.settings.isVerificationRequired && email === undefined) {
      throw new InvalidFields([missingField('email')]);
    }
    await this.policy.check(password, { username, email });
    return this.inTurn.run(this.turnOf(body), () => this.add(context, body));
  }

  private checkName(username: string): void {
    if (!isOneOf(username, this.settings.reservedUsernames)) return;
    throw new UsernameReserved();
  }

  /** One hash for all requests that want a name at once, or bring an invitation: the others find it taken, or used. */
  private turnOf({ username, invitation }: RegistrationBody): string {
    const isByInvitation = this.settings.registration === 'invite';
    return isByInvitation ? String(invitation) : canonicalName(username);
  }

  private async add(
    context: RequestContext,
    body: RegistrationBody,
  ): Promise<Profile | MailNotice> {
    const { username, full_name: fullName = null, email } = body;
    const invitation = await this.consumingInvitation(body.invitation);
    if (await this.users.isNameTaken(username)) throw new UsernameTaken(username);
    const hashedPassword = await this.hasher.hash(body.password);
    const facts = { username, ...(invitation.length > 0 && { reason: 'invitation' }) };
    const entry = this.recorder.recording('user_registered', context, facts);
    const more = [...invitation, this.users.requireFree(username), entry];
    if (this.settings.isVerificationRequired) {
      // The address is the user's once verified; until then nobody can tell whether another user has it already.
      const pendingUntil = this.clock.now() + LIFETIMES.verify_email;
      const mail = this.outbox.postingToNew(username, { kind: 'sign_up', address: email });
      await this.users.add({ username, fullName, hashedPassword, pendingUntil }, [...more, mail]);
      return MailNotice.SENT;
    }
    const mail = this.outbox.postingToNew(username, { kind: 'verify_email', address: email });
    const row = { username, email, fullName, hashedPassword };
    await this.users.add(row, email === undefined ? more : [...more, mail]);
    return Profile.of({ username, email: email ?? null, fullName, disabled: false });
  }

  private async consumingInvitation(invitation: string | undefined): Promise<Demand[]> {
    if (this.settings.registration !== 'invite') return [];
    const refusal = () => new InvitationRequired();
    try {
      const found = await this.oneTimeTokens.find(invitation ?? '', ['invitation']);
      return [this.oneTimeTokens.consuming(found, refusal)];
    } catch (error) {
      throw error instanceof InvalidOneTimeToken ? refusal() : error;
    }
  }
}
