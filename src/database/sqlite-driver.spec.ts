import { describe, expect, it } from '@jest/globals';
import { openSqlite, packageFor, sqliteDriver } from './sqlite-driver.js';

describe('the driver for SQLite', () => {
  it.each([
    ['20.19.0', 'sqlite-for-node-20'],
    ['22.14.0', 'better-sqlite3'],
    ['24.21.0', 'better-sqlite3'],
    ['26.10.0', 'better-sqlite3'],
  ])('on Node %s is %s', (node, name) => {
    expect(packageFor(node)).toBe(name);
  });

  it('opens databases in this Node, and is one for all', () => {
    const database = openSqlite(':memory:');
    expect(database.prepare('SELECT 1').pluck().get()).toBe(1);
    database.close();
    expect(sqliteDriver()).toBe(sqliteDriver());
  });
});
