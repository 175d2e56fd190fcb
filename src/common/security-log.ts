import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { logText } from './log-text.js';
import { Watch } from './watch.js';

export type SecurityEvent =
  | 'login_succeeded'
  | 'login_failed'
  | 'login_malformed'
  | 'login_unavailable'
  | 'login_throttled'
  | 'token_refused'
  | 'token_refreshed'
  | 'refresh_refused'
  | 'refresh_reuse'
  | 'session_ended'
  | 'client_granted'
  | 'client_refused'
  | 'password_rehashed'
  | 'password_refused'
  | 'password_changed'
  | 'password_reset_requested'
  | 'password_reset'
  | 'email_change_requested'
  | 'email_changed'
  | 'email_verified'
  | 'user_registered'
  | 'user_created'
  | 'user_changed'
  | 'user_deleted'
  | 'password_reset_sent'
  | 'invitation_made'
  | 'administration_refused';

export interface SecurityFields {
  username?: string;
  client_id?: string;
  /** The administrator who did it. */
  by?: string;
  /** What the user is granted now: checked, and all of it, however long. */
  scope?: string;
  reason?: string;
}

/** Every login and refusal, one line each: who, from where, why. */
@Injectable()
export class SecurityLog {
  constructor(
    private readonly logger: PinoLogger,
    private readonly watch: Watch,
  ) {
    logger.setContext('security');
  }

  /** @param fields what to say besides; texts that came with the request are made fit for the log */
  record(event: SecurityEvent, request: Request, fields: SecurityFields) {
    this.logger.info(
      {
        event,
        request_id: request.id,
        ...(request.traceId !== undefined && { trace_id: request.traceId }),
        // Behind a trusted proxy it is whatever X-Forwarded-For says.
        ip: logText(request.ip ?? ''),
        ...(fields.username !== undefined && { username: logText(fields.username) }),
        ...(fields.client_id !== undefined && { client_id: logText(fields.client_id) }),
        ...(fields.by !== undefined && { by: logText(fields.by) }),
        ...(fields.scope !== undefined && { scope: fields.scope }),
        ...(fields.reason !== undefined && { reason: fields.reason }),
      },
      event,
    );
    this.watch.happened(event, fields.reason);
  }
}
