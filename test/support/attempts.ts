import type { TestApp } from './create-test-app.js';
import { sql } from './sql.js';

/** The configuration of an app that trusts `X-Forwarded-For`. */
export const BEHIND_A_PROXY = { TRUSTED_PROXIES: '127.0.0.1' };

/** A row of the counters, as the table has it. */
export interface CounterRow {
  key: string;
  points: number;
  expire: number;
  running: number;
  running_until: number;
}

/** The counters whose keys have this prefix. */
export function countersOf(
  app: TestApp,
  kind: 'address' | 'pair' | 'username',
): Promise<CounterRow[]> {
  const select = 'SELECT * FROM attempt_counters WHERE key LIKE ? ORDER BY key';
  return sql<CounterRow>(app, select, `${kind}:%`);
}

/** The header with which a trusted proxy says where a request comes from. */
export function from(address: string): Record<string, string> {
  return { 'X-Forwarded-For': address };
}

/** Logs in with a wrong password, one after the other. @returns the statuses */
export async function guess(
  app: TestApp,
  times: number,
  form: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<number[]> {
  const statuses: number[] = [];
  for (let i = 0; i < times; i++) {
    statuses.push((await app.login({ password: `guess ${i}`, ...form }, headers)).status);
  }
  return statuses;
}

export function many(status: number, times: number): number[] {
  return Array.from({ length: times }, () => status);
}

/** For tests that make many wrong logins and are about something else. */
export const WITHOUT_LIMITS = {
  LOGIN_LIMIT_PAIR: '0',
  LOGIN_LIMIT_USERNAME: '0',
  LOGIN_LIMIT_ADDRESS: '0',
};
