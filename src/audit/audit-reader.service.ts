import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { Clock } from '../common/clock.js';
import { logText } from '../common/log-text.js';
import { Database } from '../database/database.js';
import { AuditEntry } from './audit-entry.entity.js';
import { firstIdAt } from './entry-id.js';
import type { Person } from '../http/request-context.js';

/** Which entries to read. */
export interface AuditFilter {
  /** The name of the user who did it, or to whom it was done. */
  user?: string | undefined;
  event?: string | undefined;
}

/** How many entries are read at a time. */
const PAGE = 500;

/** How many entries `listOf` returns at most. */
const MOST_EXPORTED = 10_000;

/**
 * For how long `follow` expects entries that sort before one it has seen, in milliseconds: of a process whose clock is
 * behind, or whose transaction took long.
 */
const LOOK_BACK_MS = 5_000;

/** Reads the trail, with one page in memory at a time. */
@Injectable()
export class AuditReader {
  constructor(
    @InjectRepository(AuditEntry) private readonly entries: Repository<AuditEntry>,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** The newest entries, oldest first. */
  async newest(count: number, filter: AuditFilter = {}): Promise<AuditEntry[]> {
    const found: AuditEntry[] = [];
    for (let last: string | undefined; ;) {
      const page = await this.read((query) => {
        query.orderBy('entry.id', 'DESC');
        if (last !== undefined) query.andWhere('entry.id < :last', { last });
        if (filter.user !== undefined) query.andWhere(OF_USER, { name: logText(filter.user) });
      });
      found.push(...page.filter((entry) => isOf(entry, filter)));
      last = page.at(-1)?.id;
      if (found.length >= count || page.length < PAGE) return found.slice(0, count).reverse();
    }
  }

  /**
   * The newest entries, oldest first, and then new ones as they arrive.
   * @param pause waits until it is time to look again
   */
  async *follow(
    count: number,
    filter: AuditFilter,
    pause: () => Promise<unknown>,
  ): AsyncGenerator<AuditEntry> {
    let since = this.clock.now() - LOOK_BACK_MS;
    let seen = new Set<string>();
    for await (const page of this.pagesBetween(since)) for (const { id } of page) seen.add(id);
    for (const entry of await this.newest(count, filter)) {
      seen.add(entry.id);
      yield entry;
    }
    for (;;) {
      await pause();
      const before = seen;
      const next = this.clock.now() - LOOK_BACK_MS;
      seen = new Set();
      for await (const page of this.pagesBetween(since)) {
        for (const { id, time } of page) if (time >= next) seen.add(id);
        yield* page.filter((entry) => !before.has(entry.id) && isOf(entry, filter));
      }
      since = next;
    }
  }

  /**
   * Those from one time up to another, oldest first, a page at a time.
   * @param since milliseconds since the epoch
   */
  async *pagesBetween(since: number, until?: number): AsyncGenerator<AuditEntry[]> {
    const end = until === undefined ? undefined : firstIdAt(until);
    for (let last = firstIdAt(since); ;) {
      const page = await this.read((query) => {
        query.where('entry.id > :last', { last }).orderBy('entry.id');
        if (end !== undefined) query.andWhere('entry.id < :end', { end });
      });
      yield page;
      const newest = page.at(-1);
      if (!newest || page.length < PAGE) return;
      last = newest.id;
    }
  }

  /** What a user did, and what is about them, newest first. */
  listOf({ id, username }: Person): Promise<AuditEntry[]> {
    const name = username === null ? '' : logText(username);
    return this.database.run(() =>
      this.entries.find({
        // The name is what has an index, and the id tells the user from an earlier one of the same name.
        where: [
          { subject: name, subjectId: id, subjectKind: 'user' },
          { actor: name, actorId: id, actorKind: 'user' },
        ],
        order: { id: 'DESC' },
        take: MOST_EXPORTED,
      }),
    );
  }

  private read(narrow: (query: SelectQueryBuilder<AuditEntry>) => void): Promise<AuditEntry[]> {
    const query = this.entries.createQueryBuilder('entry').limit(PAGE);
    narrow(query);
    return this.database.run(() => query.getMany());
  }
}

const OF_USER =
  "(entry.subject = :name AND entry.subjectKind = 'user' OR entry.actor = :name AND entry.actorKind = 'user')";

/**
 * Events are filtered here and not in the statement: without an index, a query for a rare event would read the whole
 * table at once.
 */
function isOf(entry: AuditEntry, { user, event }: AuditFilter): boolean {
  if (event !== undefined && entry.event !== event) return false;
  if (user === undefined) return true;
  const name = logText(user);
  const { subjectKind, subject, actorKind, actor } = entry;
  return (subjectKind === 'user' && subject === name) || (actorKind === 'user' && actor === name);
}
