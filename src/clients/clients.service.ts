import { createHash, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { Recorder } from '../audit/recorder.js';
import { Clock } from '../common/clock.js';
import { randomText } from '../crypto/random-text.js';
import { Database } from '../database/database.js';
import { UniqueViolation } from '../database/database-errors.js';
import { Client } from './client.entity.js';
import { ClientIdTaken, ClientNotFound, InvalidClientId } from './client-errors.js';

/** A client and its secret, which can't be shown again. */
export interface ClientCredentials {
  id: string;
  secret: string;
}

/** What may be shown about a client. */
export type RegisteredClient = Pick<Client, 'id' | 'createdAt'>;

export type ClientVerdict =
  { matches: true } | { matches: false; reason: 'mismatch' | 'unknown_client' };

/** RFC 3986's unreserved characters: nothing that an encoding could change. */
const CLIENT_ID = /^[A-Za-z0-9._~-]{1,64}$/;

const SECRET_BITS = 256;

/** The hash of no secret. */
const NO_HASH = '0'.repeat(64);

@Injectable()
export class ClientsService {
  constructor(
    @InjectRepository(Client) private readonly clients: Repository<Client>,
    private readonly database: Database,
    private readonly recorder: Recorder,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws InvalidClientId
   * @throws ClientIdTaken
   */
  async create(id: string): Promise<ClientCredentials> {
    if (!CLIENT_ID.test(id)) throw new InvalidClientId();
    const secret = randomText(SECRET_BITS);
    const row = { id, secretHash: hashOf(secret), createdAt: this.clock.now() };
    try {
      await this.database.group([
        this.clients.createQueryBuilder().insert().values(row),
        this.recorder.recordingOwn('client_created', { client: id }),
      ]);
    } catch (error) {
      throw error instanceof UniqueViolation ? new ClientIdTaken(id) : error;
    }
    return { id, secret };
  }

  /** All clients, oldest first. */
  list(): Promise<RegisteredClient[]> {
    return this.database.run(() =>
      this.clients.find({
        select: { id: true, createdAt: true },
        order: { createdAt: 'ASC', id: 'ASC' },
      }),
    );
  }

  find(id: string): Promise<RegisteredClient | null> {
    return this.database.run(() =>
      this.clients.findOne({ select: { id: true, createdAt: true }, where: { id } }),
    );
  }

  /**
   * Gives a client a new secret. The one before the last becomes invalid at once.
   * @param overlap how long the old secret stays valid, in milliseconds
   * @returns with `previousExpiresAt` in milliseconds since the epoch, null for an overlap of 0
   * @throws ClientNotFound
   */
  async rotate(
    id: string,
    overlap: number,
  ): Promise<ClientCredentials & { previousExpiresAt: number | null }> {
    const secret = randomText(SECRET_BITS);
    const previousExpiresAt = overlap > 0 ? this.clock.now() + overlap : null;
    const secretHash = hashOf(secret);
    const previousSecretHash = overlap > 0 ? () => 'secret_hash' : null;
    const change = { previousSecretHash, previousExpiresAt, secretHash };
    const isDone = await this.database.group([
      this.clients.createQueryBuilder().update(change).where({ id }),
      this.recorder.recordingOwn('client_rotated', { client: id }),
    ]);
    if (!isDone) throw new ClientNotFound(id);
    return { id, secret, previousExpiresAt };
  }

  /** @throws ClientNotFound */
  async delete(id: string): Promise<void> {
    const isDone = await this.database.group([
      this.clients.createQueryBuilder().delete().where({ id }),
      this.recorder.recordingOwn('client_deleted', { client: id }),
    ]);
    if (!isDone) throw new ClientNotFound(id);
  }

  /** Checks whether this is the client's secret, with the same work whatever the outcome. */
  async verify(id: string, secret: string): Promise<ClientVerdict> {
    // What can't be registered is not queried: PostgreSQL fails on some strings.
    const where = { id: CLIENT_ID.test(id) ? id : '' };
    const client = await this.database.run(() => this.clients.findOne({ where }));
    const isOverlapping = (client?.previousExpiresAt ?? 0) > this.clock.now();
    const given = hashOf(secret);
    const isCurrent = isSame(given, client?.secretHash ?? NO_HASH);
    const isPrevious = isSame(given, client?.previousSecretHash ?? NO_HASH);
    if (isCurrent || (isPrevious && isOverlapping)) return { matches: true };
    return { matches: false, reason: client ? 'mismatch' : 'unknown_client' };
  }
}

/** SHA-256 in hex. */
function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function isSame(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
