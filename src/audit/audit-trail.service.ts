import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Request } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { logText } from '../common/log-text.js';
import { plainAddress } from '../common/network-address.js';
import { type SecurityEvent, SecurityLog } from '../common/security-log.js';
import { Database, type Statement } from '../database/database.js';
import { AuditEntry, type Outcome } from './audit-entry.entity.js';
import { entryId } from './entry-id.js';
import { type Facts, logFieldsOf, type Named, type Person, subjectOf } from './facts.js';
import { ProcessActor } from './process-actor.js';
import { RefusalBudget } from './refusal-budget.js';

/** What only the command line, or the service by itself, does. */
export type OwnEvent =
  | SecurityEvent
  | 'client_created'
  | 'client_rotated'
  | 'client_deleted'
  | 'key_created'
  | 'key_revoked'
  | 'users_imported'
  | 'users_exported'
  | 'attempts_forgotten'
  | 'database_restored';

/** Who did it, and from where. */
type Actor = Pick<AuditEntry, 'actorKind' | 'actorId' | 'actor' | 'ip' | 'requestId'>;

const COLUMNS = [
  'id',
  'time',
  'event',
  'outcome',
  'actorKind',
  'actorId',
  'actor',
  'subjectKind',
  'subjectId',
  'subject',
  'ip',
  'requestId',
  'reason',
  'details',
] as const satisfies (keyof AuditEntry)[];

/**
 * Writes down who did what: for a change as one more statement of its group, so that neither is had without the
 * other (docs/decisions/0018-an-audit-trail.md). What it is told, the security log is told too.
 */
@Injectable()
export class AuditTrail {
  private readonly budget = new RefusalBudget();
  private readonly insertion: string;
  /** With the id of a user of whom only the name is known, as of one whom the group makes. */
  private readonly insertionByName: string;
  /** The same, where they are who did it. */
  private readonly insertionBySelf: string;

  constructor(
    @InjectRepository(AuditEntry) entries: Repository<AuditEntry>,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly securityLog: SecurityLog,
    private readonly own: ProcessActor,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(AuditTrail.name);
    this.insertion = insertionInto(entries, []);
    this.insertionByName = insertionInto(entries, ['subjectId']);
    this.insertionBySelf = insertionInto(entries, ['subjectId', 'actorId']);
  }

  /**
   * What a request does, for the group of statements that does it. Once it is done, the log says so.
   * @param outcome `refused` where what was asked for is refused, and the group is what comes of that
   */
  entry(event: SecurityEvent, request: Request, facts: Facts, outcome: Outcome = 'success') {
    const whenDone = () => this.securityLog.record(event, request, logFieldsOf(facts));
    const actor = actorOf(request, facts, outcome);
    return { ...this.inserting(event, outcome, actor, facts), whenDone } satisfies Statement;
  }

  /** The same for what no request asked for: this process does it, or whoever runs the command. */
  ownEntry(event: OwnEvent, facts: Facts): Statement {
    const { kind, name } = this.own;
    const actor = { actorKind: kind, actorId: null, actor: name, ip: null, requestId: null };
    return this.inserting(event, 'success', actor, facts);
  }

  /** A refusal, which changes nothing. It stands as it is, also where it can't be written down. */
  async refusal(event: SecurityEvent, request: Request, facts: Facts): Promise<void> {
    this.securityLog.record(event, request, logFieldsOf(facts));
    const omitted = this.budget.spend(event, this.clock.now());
    if (omitted === undefined) return;
    const details = { ...facts.details, ...(omitted > 0 && { omitted }) };
    const actor = actorOf(request, facts, 'refused');
    try {
      await this.database.group([this.inserting(event, 'refused', actor, { ...facts, details })]);
    } catch (cause) {
      this.logger.warn({ request_id: request.id, event, cause }, 'no audit entry of a refusal');
    }
  }

  private inserting(event: OwnEvent, outcome: Outcome, actor: Actor, facts: Facts): Statement {
    const time = this.clock.now();
    const subject = subjectOf(facts);
    const reason = facts.reason ?? null;
    const row = {
      id: entryId(time),
      time,
      event,
      outcome,
      ...actor,
      ...subject,
      reason,
      details: detailsOf(facts),
    };
    const { username } = facts;
    if (username === undefined) return bound(this.insertion, row);
    const isBySelf = actor.actorKind === 'user' && actor.actorId === null;
    return isBySelf
      ? bound(this.insertionBySelf, { ...row, subjectId: username, actorId: username })
      : bound(this.insertionByName, { ...row, subjectId: username });
  }
}

/**
 * Written once: a login should not wait for a query builder.
 * @param lookedUp ids for which the name of a user is bound
 */
function insertionInto(
  { metadata }: Repository<AuditEntry>,
  lookedUp: readonly (keyof AuditEntry)[],
): string {
  const names = COLUMNS.map((column) => metadata.findColumnWithPropertyName(column)?.databaseName);
  const values = COLUMNS.map((column, index) => {
    const parameter = metadata.dataSource.driver.createParameter(column, index);
    if (!lookedUp.includes(column)) return parameter;
    return `(SELECT id FROM users WHERE username = ${parameter})`;
  });
  return `INSERT INTO ${metadata.tableName} (${names.join(', ')}) VALUES (${values.join(', ')})`;
}

function bound(sql: string, row: Record<(typeof COLUMNS)[number], unknown>): Statement {
  const values = COLUMNS.map((column) => row[column]);
  return { getQueryAndParameters: () => [sql, values] };
}

function actorOf(request: Request, facts: Facts, outcome: Outcome): Actor {
  const { ip, id: requestId } = request;
  // Behind a trusted proxy it is whatever X-Forwarded-For says.
  const origin = { ip: plainAddress(ip) ?? null, requestId };
  const user = request.user as Person | undefined;
  if (user) {
    const actor = user.username === null ? null : logText(user.username);
    return { actorKind: 'user', actorId: user.id, actor, ...origin };
  }
  // Who succeeds without a token has shown otherwise to be the user: by a password, or by a link in a mail.
  const shown: Named = outcome === 'success' ? subjectOf(facts) : subjectOf({});
  return {
    actorKind: shown.subjectKind,
    actorId: shown.subjectId,
    actor: shown.subject,
    ...origin,
  };
}

function detailsOf({ details = {} }: Facts): string | null {
  return Object.keys(details).length === 0 ? null : JSON.stringify(details);
}
