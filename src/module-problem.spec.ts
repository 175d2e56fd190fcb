import { describe, expect, it } from '@jest/globals';
import { moduleProblem } from './module-problem.js';

const ADVICE =
  'A package that latchkey needs does not load in Node 22.23.3: run `npm ci` with this Node';

function said(message: string, code?: string): string | undefined {
  return moduleProblem(Object.assign(new Error(message), { code }), '22.23.3');
}

describe('a package that does not load', () => {
  it.each([
    [
      'is missing',
      'MODULE_NOT_FOUND',
      "Cannot find module 'better-sqlite3'\nRequire stack:\n- /srv/latchkey/dist/main.js",
      "Cannot find module 'better-sqlite3'",
    ],
    [
      'is missing, and imported',
      'ERR_MODULE_NOT_FOUND',
      "Cannot find package 'bcrypt' imported from /srv/latchkey/dist/main.js",
      "Cannot find package 'bcrypt' imported from /srv/latchkey/dist/main.js",
    ],
    [
      'was built for another Node',
      'ERR_DLOPEN_FAILED',
      "The module '/srv/better_sqlite3.node'\nwas compiled against a different Node.js version using\n" +
        'NODE_MODULE_VERSION 115. This version of Node.js requires\nNODE_MODULE_VERSION 127. Please try again.',
      "The module '/srv/better_sqlite3.node' was compiled against a different Node.js version using NODE_MODULE_VERSION 115",
    ],
    [
      'was never built',
      undefined,
      'Could not locate the bindings file. Tried:\n → /srv/build/better_sqlite3.node',
      'Could not locate the bindings file',
    ],
    [
      'has no prebuilt part for this machine',
      undefined,
      'No native build was found for platform=linux arch=s390x\n    loaded from: /srv/node_modules/bcrypt\n',
      'No native build was found for platform=linux arch=s390x',
    ],
  ])('because it %s: one sentence says what to do', (_, code, message, reason) => {
    expect(said(message, code)).toBe(`${ADVICE} (${reason})`);
  });

  it('may need a compiler on Node 20, where the driver for SQLite is another one', () => {
    const error = new Error(
      "Cannot find module 'sqlite-for-node-20'\nRequire stack:\n- /srv/main.js",
    );
    expect(moduleProblem(error, '20.20.2')).toBe(
      'A package that latchkey needs does not load in Node 20.20.2: install python3, make and g++, ' +
        "and run `npm ci` with this Node (Cannot find module 'sqlite-for-node-20')",
    );
  });

  it('is not blamed for any other error', () => {
    expect(said('There is no users.db')).toBeUndefined();
    expect(said("Cannot find module './serve.js'", 'MODULE_NOT_FOUND')).toBeUndefined();
    expect(moduleProblem('refused', '22.23.3')).toBeUndefined();
  });
});
