import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, Repository } from 'typeorm';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { randomText } from '../crypto/random-text.js';
import { Database, type Demand, type Statement } from '../database/database.js';
import { InvalidOneTimeToken } from './one-time-token-errors.js';
import { OneTimeToken, type TokenPurpose } from './one-time-token.entity.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** How long tokens are valid, in milliseconds. */
export const LIFETIMES: Readonly<Record<TokenPurpose, number>> = {
  verify_email: DAY_MS,
  change_email: DAY_MS,
  reset_password: 30 * MINUTE_MS,
  set_password: DAY_MS,
  invitation: 7 * DAY_MS,
};

/** A valid token, and whose it is. */
export interface FoundToken {
  purpose: TokenPurpose;
  tokenHash: string;
  userId: number | null;
  address: string | null;
}

/** Single-use tokens of 256 random bits. Only their hashes are stored. */
@Injectable()
export class OneTimeTokensService {
  constructor(
    @InjectRepository(OneTimeToken) private readonly tokens: Repository<OneTimeToken>,
    private readonly database: Database,
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {}

  /** Makes a token, and invalidates the user's previous one for this purpose. @returns it; it is not stored */
  async issue(purpose: TokenPurpose, userId: number | null, address: string | null) {
    const { token, inserting } = this.make({ purpose, userId, address });
    await this.database.group([inserting]);
    return token;
  }

  /**
   * The same together with the message that the token is for.
   * @param holding locks the message, if it was not withdrawn
   * @returns undefined if it was
   */
  async issueFor(
    holding: Statement,
    order: Pick<OneTimeToken, 'purpose' | 'userId' | 'address'>,
  ): Promise<string | undefined> {
    const { token, inserting } = this.make(order);
    return (await this.database.group([holding, inserting])) ? token : undefined;
  }

  /**
   * Makes an invitation to sign up.
   * @param entry the audit entry; if omitted, that of the operator who runs the command
   * @returns it, which is not stored, and until when it is valid
   */
  async invite(
    entry = this.recorder.recordingOwn('invitation_made', {}),
  ): Promise<{ invitation: string; expiresAt: number }> {
    const expiresAt = this.clock.now() + LIFETIMES.invitation;
    const order = { purpose: 'invitation', userId: null, address: null } as const;
    const { token: invitation, inserting } = this.make(order);
    await this.database.group([inserting, entry]);
    return { invitation, expiresAt };
  }

  /**
   * Looks a token up without consuming it.
   * @throws InvalidOneTimeToken
   */
  async find(token: string, purposes: readonly TokenPurpose[]): Promise<FoundToken> {
    const where = {
      tokenHash: hashOf(token),
      purpose: In([...purposes]),
      expiresAt: MoreThan(this.clock.now()),
    };
    const found = await this.database.run(() => this.tokens.findOne({ where }));
    if (!found) throw new InvalidOneTimeToken();
    return found;
  }

  /** @returns the id of the user whose newest token of this purpose was sent to the address */
  async findUserByAddress(purpose: TokenPurpose, address: string): Promise<number | undefined> {
    const order = { createdAt: 'DESC' } as const;
    const found = await this.database.run(() =>
      this.tokens.findOne({ where: { purpose, address }, order }),
    );
    return found?.userId ?? undefined;
  }

  /** All tokens of a user. */
  list(userId: number): Promise<OneTimeToken[]> {
    return this.database.run(() => this.tokens.findBy({ userId }));
  }

  /** Consumes a token, for a group of statements: of many at once, one succeeds. */
  consuming({ tokenHash }: FoundToken, refuse = () => new InvalidOneTimeToken() as Error): Demand {
    const statement = this.tokens
      .createQueryBuilder()
      .delete()
      .where({ tokenHash })
      .andWhere('expires_at > :now', { now: this.clock.now() });
    return { statement, rows: 'some', otherwise: refuse };
  }

  /** Revokes a user's tokens for some purposes, for a group of statements. */
  dropping(userId: number, purposes: readonly TokenPurpose[]): Statement {
    return this.tokens
      .createQueryBuilder()
      .delete()
      .where({ userId, purpose: In([...purposes]) });
  }

  private make(order: Pick<OneTimeToken, 'purpose' | 'userId' | 'address'>) {
    const token = randomText(256);
    const createdAt = this.clock.now();
    const expiresAt = createdAt + LIFETIMES[order.purpose];
    const inserting: Statement = this.tokens
      .createQueryBuilder()
      .insert()
      .values({ ...order, createdAt, expiresAt, tokenHash: hashOf(token) })
      .orUpdate(['token_hash', 'address', 'created_at', 'expires_at'], ['user_id', 'purpose']);
    return { token, inserting };
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
