import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { queryParameter, trueOrFalse } from '../http/query-parameter.js';
import { Database } from '../database/database.js';
import type { LoginUser } from '../users/login-user.js';
import { SessionResponse } from './dto/session-response.js';
import { RevocationsService } from './revocations.service.js';
import { SessionNotFound } from './session-errors.js';
import { SessionsService } from './sessions.service.js';

const SESSION_ID = /^[\w-]{22}$/;

/** What users may do with their own sessions: list them, and end them. */
@Injectable()
export class OwnSessionsService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly revocations: RevocationsService,
    private readonly database: Database,
    private readonly recorder: Recorder,
  ) {}

  async list({ id }: LoginUser, current: string | undefined): Promise<SessionResponse[]> {
    const sessions = await this.sessions.list(id);
    return sessions.map((session) => SessionResponse.of(session, current));
  }

  /** @throws SessionNotFound */
  async end(context: RequestContext, user: LoginUser, sid: string): Promise<void> {
    if (!SESSION_ID.test(sid)) throw new SessionNotFound();
    const entry = this.recorder.recording('session_ended', context, { user, reason: 'logout' });
    const isEnded = await this.revocations.endOf(user.id, sid, 'logout', entry);
    if (!isEnded) throw new SessionNotFound();
  }

  /**
   * Ends every session but the current one, or with `current=true` in the query that one too.
   * @throws NotTrueOrFalse
   */
  async endAll(
    context: RequestContext,
    query: URLSearchParams,
    user: LoginUser,
    current: string | undefined,
  ): Promise<void> {
    const isCurrentToo = trueOrFalse('current', queryParameter(query, 'current') ?? 'false');
    const except = isCurrentToo ? undefined : current;
    const reason = except === undefined ? 'logout_everywhere' : 'logout_elsewhere';
    await this.database.group([
      ...this.revocations.endingAllOf(user.id, 'logout', except),
      this.recorder.recording('session_ended', context, { user, reason }),
    ]);
  }
}
