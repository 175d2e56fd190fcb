import { afterEach, describe, expect, it } from '@jest/globals';
import { UserScopesService } from '../../src/users/user-scopes.service.js';
import { ADMINISTRATOR, AdminClient, makeUser } from '../support/admin.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';

let app: TestApp;
afterEach(() => app.close());

/** Each removes the other, or themselves. */
const WAYS: [isOwn: boolean, way: (path: string) => [string, string, unknown?]][] = [
  [true, (path) => ['DELETE', path]],
  [true, (path) => ['PATCH', path, { disabled: true }]],
  [true, (path) => ['PATCH', path, { scopes: [] }]],
  [false, (path) => ['DELETE', path]],
];

describe('Of the last administrators', () => {
  it('one is left when each removes one at once', async () => {
    app = await createTestApp();
    let round = 0;
    for (const [isOwn, way] of WAYS) {
      const names = [`a${++round}`, `b${round}`];
      const ids = [
        await makeUser(app, names[0]!, ADMINISTRATOR),
        await makeUser(app, names[1]!, ADMINISTRATOR),
      ];
      const clients = await Promise.all(names.map((name) => AdminClient.logIn(app, name)));
      const answers = await Promise.all(
        clients.map((client, i) => client.send(...way(`/users/${ids[isOwn ? i : 1 - i]!}`))),
      );
      expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
      const other = answers.find(({ ok }) => !ok)!;
      // One that the other removed may be refused by now.
      expect(isOwn ? [409] : [401, 403, 404, 409]).toContain(other.status);
      const scopes = app.app.get(UserScopesService);
      expect(await scopes.hasAdministrator()).toBe(true);
      for (const name of names) await scopes.revoke(name, ADMINISTRATOR).catch(() => undefined);
    }
  });
});
