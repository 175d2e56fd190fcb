import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClientsService } from '../../src/clients/clients.service.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';
import { expectOAuthError } from '../support/expect-errors.js';
import { TokenForge } from '../support/forge-token.js';
import { basic, postForm } from '../support/oauth.js';
import { sql } from '../support/sql.js';

describe.each(['/revoke', '/introspect'])(
  'A token signed with a key that is not known yet, at %s',
  (path) => {
    let app: TestApp;
    let client: Record<string, string>;
    beforeAll(async () => {
      app = await createTestApp({ ALGORITHM: 'ES256' });
      const { id, secret } = await app.app.get(ClientsService).create('api');
      client = basic(id, secret);
    });
    afterAll(() => app.close());

    it('is not reported as inactive while the keys can’t be read', async () => {
      const token = new TokenForge(app).make({
        header: { kid: 'A'.repeat(43), alg: 'ES256' },
      });
      await sql(app, 'ALTER TABLE signing_keys RENAME TO gone');
      const response = await postForm(app, path, { token }, client);
      await sql(app, 'ALTER TABLE gone RENAME TO signing_keys');
      expect(response.headers.has('retry-after')).toBe(true);
      await expectOAuthError(response, 503, 'temporarily_unavailable');
    });
  },
);
