import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { queryParameter } from '../common/query-parameter.js';
import { SecurityLog } from '../common/security-log.js';
import type { Account } from '../users/account.js';
import { SessionResponse } from './dto/session-response.js';
import { RevocationsService } from './revocations.service.js';
import { InvalidCurrent, SessionNotFound } from './session-errors.js';
import { SessionsService } from './sessions.service.js';

const SESSION_ID = /^[\w-]{22}$/;

/** What users may do about their own sessions: look at them, and end them. */
@Injectable()
export class OwnSessionsService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly revocations: RevocationsService,
    private readonly securityLog: SecurityLog,
  ) {}

  async list({ id }: Account, current: string | undefined): Promise<SessionResponse[]> {
    const sessions = await this.sessions.list(id);
    return sessions.map((session) => SessionResponse.of(session, current));
  }

  /** @throws SessionNotFound */
  async end(request: Request, { id, username }: Account, sid: string): Promise<void> {
    const isEnded = SESSION_ID.test(sid) && (await this.revocations.endOf(id, sid, 'logout'));
    if (!isEnded) throw new SessionNotFound();
    this.securityLog.record('session_ended', request, { username, reason: 'logout' });
  }

  /**
   * Ends every session but the current one, or with `current=true` in the query that one too.
   * @throws InvalidCurrent
   */
  async endAll(
    request: Request,
    { id, username }: Account,
    current: string | undefined,
  ): Promise<void> {
    const includeCurrent = queryParameter(request, 'current') ?? 'false';
    if (includeCurrent !== 'true' && includeCurrent !== 'false') throw new InvalidCurrent();
    const except = includeCurrent === 'true' ? undefined : current;
    await this.revocations.endAllOf(id, 'logout', except);
    const reason = except === undefined ? 'logout_everywhere' : 'logout_elsewhere';
    this.securityLog.record('session_ended', request, { username, reason });
  }
}
