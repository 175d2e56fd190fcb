import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, Repository } from 'typeorm';
import { canonicalName } from '../common/canonical-text.js';
import { Clock } from '../common/clock.js';
import { plainAddress } from '../common/network-address.js';
import { scopesAmong, scopesOf } from '../http/scopes.js';
import { SessionSettings } from '../config/settings.js';
import { randomText } from '../crypto/random-text.js';
import { Database, type Statement } from '../database/database.js';
import { Prepared } from '../database/prepared.js';
import { type AccessToken, AccessTokenService } from '../tokens/access-token.service.js';
import { type LoginUser, type LoginUserRow, loginUserOf } from '../users/login-user.js';
import { UsersService } from '../users/users.service.js';
import {
  type KnownSession,
  OWNER_COLUMNS,
  SESSION_COLUMNS,
  type SessionRow,
  sessionOf,
} from './known-session.js';
import { RefreshTokens } from './refresh-tokens.js';
import { Session } from './session.entity.js';

/** From where a login came. */
export interface Origin {
  ip: string | undefined;
  userAgent: string | undefined;
  client: { id: string; authenticated: boolean } | undefined;
}

/** What a client gets at a login, and at each refresh. */
export interface SessionTokens {
  access: AccessToken;
  /** What the access token allows, words separated by spaces. */
  scope: string;
  /** None where `REFRESH_TOKEN_EXPIRE_DAYS` is 0. */
  refreshToken: string | undefined;
}

/** The bearer of an access token: the user, and whether the session behind it is live. */
export interface Caller {
  account: LoginUser;
  isSessionLive: boolean;
}

/** How many sessions `list()` returns at most. */
const MOST_LISTED = 500;

/** How many sessions `listAll()` returns at most. */
const MOST_EXPORTED = 10_000;

/** How many addresses `listAddresses()` returns at most. */
const MOST_ADDRESSES = 1_000;

const LONGEST_USER_AGENT = 255;

@Injectable()
export class SessionsService {
  private readonly selectCaller: Prepared;
  private readonly selectSession: Prepared;

  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    private readonly database: Database,
    private readonly users: UsersService,
    private readonly tokens: AccessTokenService,
    private readonly refreshTokens: RefreshTokens,
    private readonly settings: SessionSettings,
    private readonly clock: Clock,
  ) {
    const caller = users
      .accountQuery()
      .leftJoin(Session, 'session', 'session.id = :sid')
      .addSelect(['session.userId', 'session.revokedAt']);
    this.selectCaller = new Prepared(caller, ['sid', 'username']);
    const session = sessions
      .createQueryBuilder('session')
      .select(SESSION_COLUMNS)
      .leftJoin('session.user', 'user')
      .addSelect(OWNER_COLUMNS)
      .where('session.id = :sid');
    this.selectSession = new Prepared(session, ['sid']);
  }

  /**
   * Opens a session for a login.
   * @param entry the audit entry
   * @param asked the requested scopes; none means all. What the user lacks is left out
   * @returns undefined if the user's password has changed, or the user was disabled, since it was checked
   */
  async start(
    account: LoginUser,
    origin: Origin,
    asked: readonly string[],
    entry: Statement,
  ): Promise<SessionTokens | undefined> {
    const id = randomText(128);
    const now = this.clock.now();
    const granted = account.scopes;
    const scope = (asked.length > 0 ? scopesAmong(granted, asked) : scopesOf(granted)).join(' ');
    const access = this.sign(account, id, now, scope);
    const session = {
      ...describe(origin),
      id,
      userId: account.id,
      scope,
      createdAt: now,
      lastUsedAt: now,
      refreshCounter: 0,
      tokensExpireAt: access.expiresAt,
      expiresAt: this.endOf(now, now, access.expiresAt),
    };
    const insert = this.sessions.createQueryBuilder().insert().values(session);
    const isDone = await this.database.group([this.users.holding(account), insert, entry]);
    return isDone ? { access, scope, refreshToken: this.refreshTokenOf(id, 0) } : undefined;
  }

  /** An access token for the session, which it never outlives. */
  sign(
    { id, username }: Pick<LoginUser, 'id' | 'username'>,
    sid: string,
    createdAt: number,
    scope: string,
  ): AccessToken {
    const subject = { sub: username, uid: String(id), sid, scope };
    return this.tokens.sign(subject, createdAt + this.settings.longestLifetime);
  }

  refreshTokenOf(sid: string, counter: number): string | undefined {
    if (this.settings.idleLifetime === 0) return undefined;
    return this.refreshTokens.write({ sid, counter });
  }

  /** When a session with these times expires, in milliseconds since the epoch. */
  endOf(createdAt: number, lastUsedAt: number, tokensExpireAt: number): number {
    return Math.max(this.refreshEnd(createdAt, lastUsedAt), tokensExpireAt);
  }

  /**
   * Until when a session can be refreshed, in milliseconds since the epoch. The settings may have changed since it
   * was stored: whichever ends first counts.
   */
  refreshableUntil({ createdAt, lastUsedAt, expiresAt }: KnownSession): number {
    return Math.min(this.refreshEnd(createdAt, lastUsedAt), expiresAt);
  }

  private refreshEnd(createdAt: number, lastUsedAt: number): number {
    const { idleLifetime, longestLifetime } = this.settings;
    return Math.min(createdAt + longestLifetime, lastUsedAt + idleLifetime);
  }

  /** The user and the session that an access token names, in one query. */
  async findCaller(username: string, sid = ''): Promise<Caller | undefined> {
    // PostgreSQL takes no NUL, and answers with an error.
    if (username.includes('\0') || sid.includes('\0')) return undefined;
    const [row] = await this.database.read<CallerRow>(this.selectCaller, { sid, username });
    if (!row) return undefined;
    const isSessionLive = row.session_user_id === row.user_id && row.session_revoked_at === null;
    return { account: loginUserOf(row), isSessionLive };
  }

  /** The session, live or over, with its user; the user is null once deleted. */
  async find(sid: string): Promise<KnownSession | null> {
    const [row] = await this.database.read<SessionRow>(this.selectSession, { sid });
    return row ? sessionOf(row) : null;
  }

  /** The user's sessions, including expired ones that are not removed yet, newest first. */
  listAll(userId: number): Promise<Session[]> {
    const order = { createdAt: 'DESC' } as const;
    return this.database.run(() =>
      this.sessions.find({ where: { userId }, order, take: MOST_EXPORTED }),
    );
  }

  /** Removes personal data from a user's sessions, for a group of statements. */
  forgetting(userId: number): Statement {
    return this.sessions
      .createQueryBuilder()
      .update({ ip: null, userAgent: null, clientId: null })
      .where({ userId });
  }

  /** From which addresses the user has live sessions; none if there is no such user. */
  async listAddresses(username: string): Promise<string[]> {
    const query = this.sessions
      .createQueryBuilder('session')
      .select('DISTINCT session.ip', 'ip')
      .innerJoin('session.user', 'user')
      .where('(user.username = :username OR user.usernameKey = :key)')
      .andWhere('session.revokedAt IS NULL AND session.expiresAt > :now AND session.ip IS NOT NULL')
      .setParameters({ username, key: canonicalName(username), now: this.clock.now() })
      .limit(MOST_ADDRESSES);
    const rows = await this.database.run(() => query.getRawMany<{ ip: string }>());
    return rows.map(({ ip }) => ip);
  }

  /** The user's live sessions, newest first. */
  list(userId: number): Promise<Session[]> {
    const where = { userId, revokedAt: IsNull(), expiresAt: MoreThan(this.clock.now()) };
    return this.database.run(() =>
      this.sessions.find({ where, order: { createdAt: 'DESC' }, take: MOST_LISTED }),
    );
  }
}

type CallerRow = LoginUserRow & {
  session_user_id: number | null;
  session_revoked_at: number | string | null;
};

function describe({ ip, userAgent, client }: Origin) {
  return {
    // Behind a trusted proxy it is what X-Forwarded-For says, unchecked.
    ip: plainAddress(ip) ?? null,
    userAgent: userAgent?.slice(0, LONGEST_USER_AGENT).replace(/\p{Cc}/gu, '\uFFFD') ?? null,
    clientId: client?.id ?? null,
    clientAuthenticated: client?.authenticated ?? false,
  };
}
