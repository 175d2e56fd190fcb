import { describe, expect, it } from '@jest/globals';
import { ADMINISTRATOR, AdminClient, makeUser } from '../support/admin.js';
import { createTestApp } from '../support/create-test-app.js';
import { sql } from '../support/sql.js';

describe('An adopted row with text that is not UTF-8', () => {
  it('gets an answer when an administrator changes it', async () => {
    const app = await createTestApp();
    try {
      await makeUser(app, 'root', ADMINISTRATOR);
      const id = await makeUser(app, 'old');
      await sql(app, "UPDATE users SET email = CAST(x'E940782E6F7267' AS TEXT) WHERE id = ?", id);
      const administrator = await AdminClient.logIn(app, 'root');
      const { status } = await administrator.send('PATCH', `/users/${id}`, { disabled: true });
      expect([200, 409, 503]).toContain(status);
    } finally {
      await app.close();
    }
  });
});
