import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { RequestContext } from '../http/request-context.js';
import { Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { logText } from '../common/log-text.js';
import { plainAddress } from '../common/network-address.js';
import type { Statement } from '../database/database.js';
import { AuditEntry, type Outcome } from './audit-entry.entity.js';
import { entryId } from './entry-id.js';
import type { OwnEvent, SecurityEvent } from './events.js';
import { type Facts, type Named, subjectOf } from './facts.js';
import { ProcessActor } from './process-actor.js';

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

/** The statements that record who did what. Used by the `Recorder` alone. */
@Injectable()
export class AuditTrail {
  private readonly insertion: string;
  /** With the id of a user of whom only the name is known, such as one that the group creates. */
  private readonly insertionByName: string;
  /** The same, where that user is the actor. */
  private readonly insertionBySelf: string;

  constructor(
    @InjectRepository(AuditEntry) entries: Repository<AuditEntry>,
    private readonly clock: Clock,
    private readonly own: ProcessActor,
  ) {
    this.insertion = insertionInto(entries, []);
    this.insertionByName = insertionInto(entries, ['subjectId']);
    this.insertionBySelf = insertionInto(entries, ['subjectId', 'actorId']);
  }

  /** What a request does, or is refused. */
  inserting(
    event: SecurityEvent,
    context: RequestContext,
    facts: Facts,
    outcome: Outcome,
  ): Statement {
    return this.insertingBy(actorOf(context, facts, outcome), event, facts, outcome);
  }

  /** What this process does on its own, or for the operator who runs the command. */
  insertingOwn(event: OwnEvent, facts: Facts): Statement {
    const { kind, name } = this.own;
    const actor = { actorKind: kind, actorId: null, actor: name, ip: null, requestId: null };
    return this.insertingBy(actor, event, facts, 'success');
  }

  private insertingBy(actor: Actor, event: OwnEvent, facts: Facts, outcome: Outcome): Statement {
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

function actorOf(context: RequestContext, facts: Facts, outcome: Outcome): Actor {
  const { ip, id: requestId, caller } = context;
  // Behind a trusted proxy it is what X-Forwarded-For says, unchecked.
  const origin = { ip: plainAddress(ip) ?? null, requestId };
  if (caller) {
    const actor = caller.username === null ? null : logText(caller.username);
    return { actorKind: 'user', actorId: caller.id, actor, ...origin };
  }
  // Success without a token means that the user was authenticated otherwise: by a password, or a link in a mail.
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
