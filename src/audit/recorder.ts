import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { Clock } from '../common/clock.js';
import { Instrumentation } from '../common/instrumentation.js';
import { Database, type Statement } from '../database/database.js';
import type { RequestContext } from '../http/request-context.js';
import type { Outcome } from './audit-entry.entity.js';
import { AuditTrail } from './audit-trail.js';
import { EVENTS, type OwnEvent, type SecurityEvent } from './events.js';
import { type Facts, logFieldsOf } from './facts.js';
import { RefusalBudget } from './refusal-budget.js';
import { SecurityLog } from './security-log.js';

/** Called once for each event, and passes it on to the audit trail, the log and the metrics, as `EVENTS` says. */
@Injectable()
export class Recorder {
  private readonly budget = new RefusalBudget();

  constructor(
    private readonly trail: AuditTrail,
    private readonly log: SecurityLog,
    private readonly instrumentation: Instrumentation,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext('Recorder');
  }

  /**
   * A refusal, or anything else that changes no row. It stays in force if it can't be written to the trail: then
   * the log says so.
   */
  async record(event: SecurityEvent, context: RequestContext, facts: Facts = {}): Promise<void> {
    this.tell(event, context, facts);
    if (!EVENTS[event].trail) return;
    const omitted = this.budget.spend(event, this.clock.now());
    if (omitted === undefined) return;
    const details = { ...facts.details, ...(omitted > 0 && { omitted }) };
    try {
      await this.database.group([
        this.trail.inserting(event, context, { ...facts, details }, 'refused'),
      ]);
    } catch (cause) {
      this.logger.warn({ request_id: context.id, event, cause }, 'no audit entry of a refusal');
    }
  }

  /**
   * A change, as one more statement of the group that makes it, so that neither exists without the other
   * (docs/decisions/0018-an-audit-trail.md). Log and metrics get it once it is made.
   * @param outcome `refused` where the request is refused, and the group is the consequence
   */
  recording(
    event: SecurityEvent,
    context: RequestContext,
    facts: Facts,
    outcome: Outcome = 'success',
  ): Statement {
    const statement = this.trail.inserting(event, context, facts, outcome);
    return { ...statement, whenDone: () => this.tell(event, context, facts) };
  }

  /** The same for what no request asked for: this process does it, or the operator who runs the command. */
  recordingOwn(event: OwnEvent, facts: Facts): Statement {
    return this.trail.insertingOwn(event, facts);
  }

  private tell(event: SecurityEvent, context: RequestContext, facts: Facts): void {
    const { log, metrics } = EVENTS[event];
    if (log) this.log.write(event, context, logFieldsOf(facts));
    if (metrics) this.instrumentation.happened(event, facts.reason);
  }
}
