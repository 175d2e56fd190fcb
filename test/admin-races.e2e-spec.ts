import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { UserScopesService } from '../src/users/user-scopes.service.js';
import { ADMINISTRATOR, AdminClient, makeUser } from './support/admin.js';
import { createTestApp, type TestApp } from './support/create-test-app.js';
import { PostgresServer } from './support/postgres.js';

let server: PostgresServer;
let app: TestApp;
beforeAll(async () => void (server = await PostgresServer.start()), 120_000);
afterAll(() => server.remove());
afterEach(() => app.close());

const WAYS: [string, (path: string) => [string, string, unknown?]][] = [
  ['deletes', (path) => ['DELETE', path]],
  ['disables', (path) => ['PATCH', path, { disabled: true }]],
  ['takes the scope from', (path) => ['PATCH', path, { scopes: [] }]],
];

describe.each([
  ['SQLite', () => Promise.resolve({})],
  ['PostgreSQL', async () => ({ DATABASE_URL: await server.createDatabase('races') })],
])('On %s', (_, environmentOf) => {
  it('of the last administrators, at once, each removing one, one is left', async () => {
    app = await createTestApp(await environmentOf());
    let round = 0;
    for (const [, way] of WAYS) {
      for (const isOwn of [true, false]) {
        const names = [`a${++round}`, `b${round}`];
        const ids = [
          await makeUser(app, names[0]!, ADMINISTRATOR),
          await makeUser(app, names[1]!, ADMINISTRATOR),
        ];
        const clients = await Promise.all(names.map((name) => AdminClient.logIn(app, name)));
        const answers = await Promise.all(
          clients.map((client, i) => client.send(...way(`/users/${ids[isOwn ? i : 1 - i]!}`))),
        );
        const good = answers.filter(({ ok }) => ok);
        expect(good).toHaveLength(1);
        const [other] = answers.filter(({ ok }) => !ok);
        // Removed by the other one, one may not be let in any more.
        expect(isOwn ? [409] : [401, 403, 404, 409]).toContain(other!.status);
        expect(await app.app.get(UserScopesService).hasAdministrator()).toBe(true);
        for (const name of names) {
          await app.app
            .get(UserScopesService)
            .revoke(name, ADMINISTRATOR)
            .catch(() => undefined);
        }
      }
    }
  }, 60_000);
});
