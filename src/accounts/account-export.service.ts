import { Injectable } from '@nestjs/common';
import { AuditReader } from '../audit/audit-reader.service.js';
import { TokenUserNotFound } from '../http/bearer-errors.js';
import { parseScope } from '../http/scopes.js';
import { MailAllowances } from '../mail/mail-allowances.service.js';
import { Outbox } from '../mail/outbox.service.js';
import { OneTimeTokensService } from '../one-time-tokens/one-time-tokens.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import type { LoginUser } from '../users/login-user.js';
import { UsersService } from '../users/users.service.js';
import { AccountExport } from './dto/account-export.js';

/** Everything that is stored about a user. */
@Injectable()
export class AccountExportService {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsService,
    private readonly oneTimeTokens: OneTimeTokensService,
    private readonly outbox: Outbox,
    private readonly allowances: MailAllowances,
    private readonly trail: AuditReader,
  ) {}

  /** @throws TokenUserNotFound */
  async read({ id, username }: LoginUser): Promise<AccountExport> {
    const user = await this.users.findById(id);
    if (!user) throw new TokenUserNotFound(username);
    return AccountExport.of(user, {
      scopes: parseScope(user.scopes),
      sessions: await this.sessions.listAll(id),
      tokens: await this.oneTimeTokens.list(id),
      mails: await this.outbox.list(id, user.email),
      events: await this.trail.listOf(user),
      mailedAt: user.email === null ? [] : await this.allowances.list(user.email),
    });
  }
}
