import type { AuditEntry } from '../../src/audit/audit-entry.entity.js';
import { AuditReader } from '../../src/audit/audit-reader.service.js';
import type { AuditFilter } from '../../src/audit/audit-reader.service.js';
import { Database } from '../../src/database/database.js';
import type { TestApp } from './create-test-app.js';

/** The whole audit trail of an app, oldest first. */
export function entriesOf({ app }: TestApp, filter: AuditFilter = {}): Promise<AuditEntry[]> {
  return app.get(AuditReader).newest(Infinity, filter);
}

/** The result of some work, and the audit entries that it caused. */
export async function entriesDuring<T>(app: TestApp, work: () => Promise<T>) {
  const before = new Set((await entriesOf(app)).map(({ id }) => id));
  const result = await work();
  const entries = (await entriesOf(app)).filter(({ id }) => !before.has(id));
  return { entries, result };
}

/** Renames the trail's table, so that nothing can be written there, until the work is done. */
export async function withoutTrail<T>({ app }: TestApp, work: () => Promise<T>): Promise<T> {
  const database = app.get(Database);
  await database.query('ALTER TABLE audit_entries RENAME TO audit_away', []);
  try {
    return await work();
  } finally {
    await database.query('ALTER TABLE audit_away RENAME TO audit_entries', []);
  }
}
