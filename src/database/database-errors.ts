import { QueryFailedError } from 'typeorm';
import { TemporarilyUnavailable } from '../http/problem.js';

/** The database did not answer, or not in time: 503, never a statement about the caller. */
export class DatabaseUnavailable extends TemporarilyUnavailable {
  constructor(cause?: unknown) {
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

export const FAILURE_KINDS = ['busy', 'full', 'file', 'connection', 'timeout', 'other'] as const;

/** Signs of each kind in the driver's code, or its message where pg gives no code. The first that fits counts. */
const SIGNS: [kind: (typeof FAILURE_KINDS)[number], code: RegExp, message?: RegExp][] = [
  ['busy', /^(SQLITE_(BUSY|LOCKED)|40P01$|40001$|55P03$)/],
  ['full', /^(SQLITE_FULL|53100$)/],
  ['file', /^SQLITE_(READONLY|CANTOPEN|IOERR|CORRUPT|NOTADB)/],
  ['timeout', /^(57014|25P03|25P04|ETIMEDOUT)$/, /timeout/i],
  [
    'connection',
    /^(08...|57P0.|53300|ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/,
    /connection/i,
  ],
];

/** What was the matter, in one of a few words. @param cause of a `DatabaseUnavailable` */
export function failureKind(cause: unknown): (typeof FAILURE_KINDS)[number] {
  const { code, message } = driverError(cause);
  const sign = SIGNS.find(([, codes, texts]) => codes.test(code) || texts?.test(message));
  return sign?.[0] ?? 'other';
}

/** Whether a retry may help: a full disk, or a damaged file, needs the operator. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailable)) return false;
  return ['busy', 'connection', 'timeout'].includes(failureKind(error.cause));
}
