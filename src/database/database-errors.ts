import { QueryFailedError } from 'typeorm';
import { TemporarilyUnavailable } from '../common/problem.js';

/** The database did not answer, or not in time: 503, never a statement about the caller. */
export class DatabaseUnavailable extends TemporarilyUnavailable {
  constructor(cause: unknown) {
    super('The database does not answer; try again', 2, cause);
  }
}

/** A row with this value exists already. */
export class UniqueViolation extends Error {
  constructor(readonly column: string) {
    super(`Unique violation: ${column}`);
  }
}

function driverError(error: unknown): { code: string; message: string; detail: string } {
  const source: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const { code, message, detail } = (source ?? {}) as Record<string, unknown>;
  return { code: String(code), message: String(message), detail: String(detail) };
}

/** Another process holds the lock, or was given it after a deadlock (40P01); it may be gone in a moment. */
export function isBusy(error: unknown): boolean {
  return /^(SQLITE_(BUSY|LOCKED)|40P01$)/.test(driverError(error).code);
}

/** The column that a unique index refused a value for; undefined if it was something else. */
export function violatedColumn(error: unknown): string | undefined {
  const { code, message, detail } = driverError(error);
  if (/^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)$/.test(code)) return /\.(\w+)/.exec(message)?.[1];
  if (code === '23505') return /\((\w+)\)/.exec(detail)?.[1];
  return undefined;
}
