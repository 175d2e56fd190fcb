import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';
import { logText } from '../common/log-text.js';
import type { RequestContext } from '../http/request-context.js';
import type { SecurityEvent } from './events.js';

export interface SecurityFields {
  username?: string;
  client_id?: string;
  /** The administrator who did it. */
  by?: string;
  /** What the user is granted now: validated, so logged whole, however long. */
  scope?: string;
  reason?: string;
}

/** Every login and refusal, one line each: who, from where, why. Written by the `Recorder` alone. */
@Injectable()
export class SecurityLog {
  constructor(private readonly logger: PinoLogger) {
    logger.setContext('security');
  }

  /** @param fields further fields; texts that came with the request are made safe for the log */
  write(event: SecurityEvent, context: RequestContext, fields: SecurityFields): void {
    this.logger.info(
      {
        event,
        request_id: context.id,
        ...(context.traceId !== undefined && { trace_id: context.traceId }),
        // Behind a trusted proxy it is what X-Forwarded-For says, unchecked.
        ip: logText(context.ip ?? ''),
        ...(fields.username !== undefined && { username: logText(fields.username) }),
        ...(fields.client_id !== undefined && { client_id: logText(fields.client_id) }),
        ...(fields.by !== undefined && { by: logText(fields.by) }),
        ...(fields.scope !== undefined && { scope: fields.scope }),
        ...(fields.reason !== undefined && { reason: fields.reason }),
      },
      event,
    );
  }
}
