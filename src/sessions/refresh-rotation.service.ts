import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { RequestContext } from '../http/request-context.js';
import { Repository } from 'typeorm';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { parseScope, PROFILE, scopesAmong } from '../http/scopes.js';
import { SessionSettings } from '../config/settings.js';
import { Database } from '../database/database.js';
import { Prepared } from '../database/prepared.js';
import type { AccessToken } from '../tokens/access-token.service.js';
import type { KnownSession, SessionOwner } from './known-session.js';
import { type RefreshTokenContent, RefreshTokens } from './refresh-tokens.js';
import { RevocationsService } from './revocations.service.js';
import { InvalidRefreshToken, WiderScope } from './session-errors.js';
import { Session } from './session.entity.js';
import { type Origin, type SessionTokens, SessionsService } from './sessions.service.js';

export interface Renewal {
  username: string;
  tokens: SessionTokens;
}

/** The token presented for an exchange, and what is requested. */
interface Exchange {
  context: RequestContext;
  content: RefreshTokenContent;
  client: Origin['client'];
  /** The requested scopes of the access token; none means all of the session. */
  asked: readonly string[];
}

/** A session that can be refreshed, and its user. */
interface Refreshable {
  session: KnownSession;
  owner: Owner;
}

type Owner = SessionOwner & { username: string };

/** What a refresh changes of its session. */
type Change = Pick<KnownSession, 'refreshCounter' | 'rotatedAt' | 'lastUsedAt'>;

/**
 * Exchanges a refresh token for its successor (RFC 6749 §6), once. Only the counter in the row says which token is
 * the current one, and one conditional statement increments it, so that of many exchanges at once one succeeds.
 */
@Injectable()
export class RefreshRotationService {
  private readonly changeSession: Prepared;

  constructor(
    @InjectRepository(Session) rows: Repository<Session>,
    private readonly sessions: SessionsService,
    private readonly revocations: RevocationsService,
    private readonly refreshTokens: RefreshTokens,
    private readonly recorder: Recorder,
    private readonly database: Database,
    private readonly settings: SessionSettings,
    private readonly clock: Clock,
  ) {
    this.changeSession = prepareChange(rows);
  }

  /**
   * @param asked the requested scopes of the access token; none means all of the session
   * @throws InvalidRefreshToken
   * @throws WiderScope
   */
  async rotate(
    context: RequestContext,
    refreshToken: string,
    client: Origin['client'],
    asked: readonly string[],
  ): Promise<Renewal> {
    const content = this.refreshTokens.read(refreshToken);
    if (!content) throw new InvalidRefreshToken('malformed');
    return this.rotateAt(this.clock.now(), { context, content, client, asked });
  }

  private async rotateAt(now: number, exchange: Exchange): Promise<Renewal> {
    const { sid, counter } = exchange.content;
    const { session, owner } = this.check(await this.sessions.find(sid), now);
    const { username } = owner;
    const isCurrent = counter === session.refreshCounter;
    if (!isCurrent && !this.isRepeat(session, counter, now)) {
      throw new InvalidRefreshToken(await this.endReused(exchange.context, sid, owner), username);
    }
    if (!isOf(session, exchange.client)) throw new InvalidRefreshToken('other_client', username);
    const scope = narrow(session, owner, exchange.asked);
    const access = this.sessions.sign(owner, sid, session.createdAt, scope);
    // Less than a second of the session is left.
    if (access.expiresIn <= 0) throw new InvalidRefreshToken('expired', username);
    const isDone = isCurrent
      ? await this.advance(session, access, now)
      : await this.repeat(session, access);
    // Another exchange was faster, or the session has ended: read it again.
    if (!isDone) return this.rotateAt(now, exchange);
    const refreshToken = this.sessions.refreshTokenOf(sid, counter + 1);
    return { username, tokens: { access, scope, refreshToken } };
  }

  /** Ends the session, unless another request just did. @returns why the token is refused */
  private async endReused(context: RequestContext, sid: string, user: Owner) {
    const facts = { user, reason: 'reuse' };
    const entry = this.recorder.recording('refresh_reuse', context, facts, 'refused');
    const isDone = await this.revocations.end(sid, 'refresh_reuse', entry);
    return isDone ? 'reuse' : 'revoked';
  }

  /** @throws InvalidRefreshToken unless the session can be refreshed */
  private check(session: KnownSession | null, now: number): Refreshable {
    if (!session) throw new InvalidRefreshToken('unknown');
    const { user } = session;
    const username = user?.username ?? undefined;
    if (!user || username === undefined) throw new InvalidRefreshToken('unknown');
    if (session.revokedAt !== null) throw new InvalidRefreshToken('revoked', username);
    if (this.sessions.refreshableUntil(session) <= now) {
      throw new InvalidRefreshToken('expired', username);
    }
    if (user.disabled) throw new InvalidRefreshToken('disabled', username);
    return { session, owner: { ...user, username } };
  }

  /** The token before the current one, shortly after it was exchanged: a lost answer, or a second tab. */
  private isRepeat(session: KnownSession, counter: number, now: number): boolean {
    if (counter !== session.refreshCounter - 1 || session.rotatedAt === null) return false;
    // In either direction: an exchange in the future happened before the clock was set back.
    return Math.abs(now - session.rotatedAt) <= this.settings.reuseWindow;
  }

  /** @returns whether the token was still the current one */
  private advance(session: KnownSession, access: AccessToken, now: number): Promise<boolean> {
    const refreshCounter = session.refreshCounter + 1;
    return this.change(session, access, { refreshCounter, rotatedAt: now, lastUsedAt: now });
  }

  /** Records only that there is one more access token. @returns whether its successor still is the current one */
  private repeat(session: KnownSession, access: AccessToken): Promise<boolean> {
    return this.change(session, access, session);
  }

  private async change(
    { id, refreshCounter, createdAt, tokensExpireAt }: KnownSession,
    access: AccessToken,
    change: Change,
  ): Promise<boolean> {
    const { lastUsedAt, rotatedAt } = change;
    const end = Math.max(tokensExpireAt, access.expiresAt);
    const affected = await this.database.change(this.changeSession, {
      id,
      refreshCounter,
      nextCounter: change.refreshCounter,
      rotatedAt,
      lastUsedAt,
      tokensExpireAt: end,
      expiresAt: this.sessions.endOf(createdAt, lastUsedAt, end),
    });
    return affected === 1;
  }
}

/** The one conditional statement of a refresh. A repeat leaves the counter and its times as they are. */
function prepareChange(rows: Repository<Session>): Prepared {
  const change = rows
    .createQueryBuilder()
    .update()
    .set({
      refreshCounter: () => ':nextCounter',
      rotatedAt: () => ':rotatedAt',
      lastUsedAt: () => ':lastUsedAt',
      tokensExpireAt: () => ':tokensExpireAt',
      expiresAt: () => ':expiresAt',
    })
    .where('id = :id AND refresh_counter = :refreshCounter AND revoked_at IS NULL')
    // Another repeat may have issued a token that lives longer: read it again.
    .andWhere('tokens_expire_at <= :tokensExpireAt');
  return new Prepared(change, [
    'id',
    'refreshCounter',
    'nextCounter',
    'rotatedAt',
    'lastUsedAt',
    'tokensExpireAt',
    'expiresAt',
  ]);
}

/**
 * What an access token of the session allows: no more than its login, and not what the user has lost since.
 * @throws WiderScope
 */
function narrow({ scope }: KnownSession, user: Owner, asked: readonly string[]): string {
  const own = parseScope(scope ?? PROFILE);
  if (asked.some((word) => !own.includes(word))) throw new WiderScope(user.username);
  return scopesAmong(user.scopes, asked.length > 0 ? asked : own).join(' ');
}

/**
 * A session that a client opened with its secret is refreshed only by that client with its secret; with a mere label,
 * by no client that claims another id (RFC 6749 §6).
 */
function isOf(session: KnownSession, client: Origin['client']): boolean {
  if (session.clientAuthenticated) {
    return client?.authenticated === true && client.id === session.clientId;
  }
  return client === undefined || session.clientId === null || client.id === session.clientId;
}
