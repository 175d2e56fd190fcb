import { Recorder } from '../../src/audit/recorder.js';
import { RevocationsService } from '../../src/sessions/revocations.service.js';
import type { TestApp } from './create-test-app.js';

/** Ends a session, as its user's logout would. @returns whether it was live */
export function endSession({ app }: TestApp, sid: string): Promise<boolean> {
  const entry = app.get(Recorder).recordingOwn('session_ended', { reason: 'logout' });
  return app.get(RevocationsService).end(sid, 'logout', entry);
}
