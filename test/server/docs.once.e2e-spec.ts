import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KNOWN_SCOPES } from '../../src/http/scopes.js';
import { createTestApp, type TestApp } from '../support/create-test-app.js';

interface Media {
  schema?: { $ref: string };
  example?: unknown;
  examples?: Record<string, { value: object }>;
}

interface Operation {
  summary?: string;
  security?: object[];
  responses: Record<
    string,
    { description: string; headers?: object; content?: Record<string, Media> }
  >;
}

interface Schema {
  properties: Record<string, { $ref?: string; example?: unknown; format?: string }>;
}

interface Document {
  openapi: string;
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: object; schemas: Record<string, Schema> };
}

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-init.js'];

describe('GET /docs', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it.each(['/docs', '/docs/'])('is a page with all its assets served locally: %s', async (path) => {
    const page = await fetch(app.url + path, { redirect: 'manual' });
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    const html = await page.text();
    const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link!);
    expect(links.map((link) => link.replace(/.*\//, ''))).toEqual(expect.arrayContaining(ASSETS));
    for (const link of links) {
      // Relative, so that it works behind a path prefix; one level up would leave the prefix.
      expect(link).toMatch(/^\.\/[\w./-]+$/);
      const asset = await fetch(new URL(link, app.url + path));
      expect({ link, status: asset.status }).toEqual({ link, status: 200 });
      const type = asset.headers.get('content-type');
      expect(type).toMatch(/^(text\/css|text\/javascript|application\/javascript|image\/png)/);
    }
  });

  it('refers to no other host in its page and styles', async () => {
    const [html, css] = await Promise.all(
      ['/docs', '/docs/swagger-ui.css'].map(async (path) => (await fetch(app.url + path)).text()),
    );
    const elsewhere = html!.match(/\b(?:https?:)?\/\/[\w.-]+/g) ?? [];
    // Names of XML namespaces are never fetched.
    expect(elsewhere.filter((url) => url !== 'http://www.w3.org')).toEqual([]);
    expect(css).not.toMatch(/@import|url\(\s*["']?(https?:)?\/\//);
  });

  it('has a policy that keeps it so', async () => {
    const { headers } = await fetch(`${app.url}/docs`);
    const policy = headers.get('content-security-policy')!.split(';');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy.join()).not.toMatch(/script-src|unsafe-eval|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const html = await (await fetch(`${app.url}/docs`)).text();
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=/);
  });

  it('is bound to the token endpoint, and forgets the token with the page', async () => {
    const script = await (await fetch(`${app.url}/docs/swagger-ui-init.js`)).text();
    expect(script).toMatch(/"tokenUrl": "token"/);
    expect(script).toMatch(/"persistAuthorization": false/);
  });
});

describe('GET /openapi.json', () => {
  let app: TestApp;
  let document: Document;
  let operations: [name: string, operation: Operation][];

  beforeAll(async () => {
    app = await createTestApp();
    const response = await fetch(`${app.url}/openapi.json`);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    document = (await response.json()) as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]): [string, Operation] => [
        `${method.toUpperCase()} ${path}`,
        operation,
      ]),
    );
  });
  afterAll(() => app.close());

  it('is OpenAPI 3.1, with the password flow at a relative URL', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.components.securitySchemes).toEqual({
      OAuth2PasswordBearer: {
        type: 'oauth2',
        flows: { password: { tokenUrl: 'token', scopes: KNOWN_SCOPES } },
      },
      ClientSecretBasic: {
        type: 'http',
        scheme: 'basic',
        description: 'client_id and client_secret',
      },
    });
    for (const { url } of document.servers) expect(url).not.toMatch(/^\/|:/);
  });

  it('has every operation and every answer', () => {
    const answers = operations.map(([name, { responses }]) => [name, Object.keys(responses)]);
    const administration = ['400', '401', '403', '404', '405', '415', '431', '503'];
    const account = ['400', '401', '403', '404', '405', '413', '415', '429', '431', '503'];
    const profile = account.filter((status) => status !== '403' && status !== '429');
    const open = ['400', '405', '413', '415', '431', '503'];
    expect(Object.fromEntries(answers)).toEqual({
      'POST /users': ['201', '202', ...open, '403', '409'].sort(),
      'PATCH /users/me': ['200', ...profile],
      'DELETE /users/me': ['204', ...account, '409'].sort(),
      'POST /users/me/password': ['204', ...account],
      'POST /users/me/email': ['202', ...account],
      'GET /users/me/export': ['200', '400', '401', '404', '405', '415', '431', '503'],
      'POST /password-reset': ['202', ...open],
      'POST /password-reset/confirm': ['204', ...open],
      'POST /email-verification': ['202', ...open],
      'POST /email-verification/confirm': ['204', ...open, '409'].sort(),
      'POST /token': ['200', '400', '401', '405', '413', '415', '429', '431', '503'],
      'POST /revoke': ['200', '400', '401', '405', '413', '415', '431', '503'],
      'POST /introspect': ['200', '400', '401', '405', '413', '415', '431', '503'],
      'GET /revocations': ['200', '304', '400', '401', '405', '415', '431', '503'],
      'GET /users/me': ['200', '400', '401', '404', '405', '415', '431', '503'],
      'GET /users/me/sessions': ['200', '400', '401', '404', '405', '415', '431', '503'],
      'DELETE /users/me/sessions': ['204', '400', '401', '404', '405', '415', '431', '503'],
      'DELETE /users/me/sessions/{id}': ['204', '400', '401', '404', '405', '415', '431', '503'],
      'GET /admin/users': ['200', ...administration],
      'POST /admin/users': ['201', ...administration, '409', '413'].sort(),
      'GET /admin/users/{id}': ['200', ...administration],
      'PATCH /admin/users/{id}': ['200', ...administration, '409', '413'].sort(),
      'DELETE /admin/users/{id}': ['204', ...administration, '409'].sort(),
      'DELETE /admin/users/{id}/sessions': ['204', ...administration],
      'POST /admin/users/{id}/password-reset': ['202', ...administration, '409'].sort(),
      'POST /admin/invitations': ['201', ...administration],
      'GET /.well-known/jwks.json': ['200', '405', '415', '431'],
      'GET /.well-known/oauth-authorization-server': ['200', '405', '415', '431'],
      'GET /health/live': ['200', '405', '415', '431'],
      'GET /health/ready': ['200', '405', '415', '431', '503'],
    });
  });

  it('says for every operation what it does, and whether it needs a token', () => {
    const locked = operations.filter(([, { summary, security }]) => {
      expect(summary).toMatch(/\w/);
      expect(security).toBeDefined();
      return security!.length > 0;
    });
    const user = [{ OAuth2PasswordBearer: [] }];
    const reader = [{ OAuth2PasswordBearer: ['users:read'] }];
    const writer = [{ OAuth2PasswordBearer: ['users:write'] }];
    const client = [{ ClientSecretBasic: [] }];
    expect(Object.fromEntries(locked.map(([name, { security }]) => [name, security]))).toEqual({
      'GET /users/me': user,
      'PATCH /users/me': user,
      'DELETE /users/me': user,
      'POST /users/me/password': user,
      'POST /users/me/email': user,
      'GET /users/me/export': user,
      'GET /users/me/sessions': user,
      'DELETE /users/me/sessions': user,
      'DELETE /users/me/sessions/{id}': user,
      'GET /admin/users': reader,
      'GET /admin/users/{id}': reader,
      'POST /admin/users': writer,
      'PATCH /admin/users/{id}': writer,
      'DELETE /admin/users/{id}': writer,
      'DELETE /admin/users/{id}/sessions': writer,
      'POST /admin/users/{id}/password-reset': writer,
      'POST /admin/invitations': writer,
      // With a client's secret or without.
      'POST /revoke': [{}, ...client],
      'POST /introspect': client,
      'GET /revocations': client,
    });
  });

  /** An example of its own, or one for each property of its schema. */
  function hasExample({ example, examples, schema }: Media): boolean {
    if (example !== undefined || Object.keys(examples ?? {}).length > 0) return true;
    const { properties } = document.components.schemas[schema!.$ref.split('/').at(-1)!]!;
    return Object.values(properties).every(
      (property) =>
        property.example !== undefined ||
        (property.$ref !== undefined && hasExample({ schema: { $ref: property.$ref } })),
    );
  }

  it('has an example of every answer, matching its status', () => {
    for (const [name, { responses }] of operations) {
      for (const [status, { content }] of Object.entries(responses)) {
        const [media] = Object.values(content ?? {});
        // No body, no example.
        if (!media) continue;
        expect({ name, status, hasExample: hasExample(media) }).toMatchObject({
          hasExample: true,
        });
        for (const { value } of Object.values(media.examples ?? {})) {
          if ('status' in value) expect(value.status).toBe(Number(status));
        }
      }
    }
  });

  it('shows every detail that a frontend of the tutorial reads', () => {
    const text = JSON.stringify(document);
    for (const detail of [
      'Incorrect username or password',
      'Inactive user',
      'Not authenticated',
      'Could not validate token',
      'Token is expired! Hit Authorize to receive a new token',
      'User not found in token data',
    ])
      expect(text).toContain(`"detail":"${detail}"`);
  });

  it('hides passwords and secrets as they are typed', () => {
    const { properties } = document.components.schemas.TokenForm!;
    expect(properties.password?.format).toBe('password');
    expect(properties.client_secret?.format).toBe('password');
    expect(properties.refresh_token?.format).toBe('password');
  });

  it('has only references that lead somewhere', () => {
    const references = JSON.stringify(document).matchAll(
      /"\$ref":"#\/components\/schemas\/(\w+)"/g,
    );
    for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
  });
});

describe('DOCS_ENABLED=false', () => {
  it('leaves neither page, assets nor document', async () => {
    const app = await createTestApp({ DOCS_ENABLED: 'false' });
    const assets = ASSETS.map((asset) => `/docs/${asset}`);
    for (const path of ['/docs', '/docs/', '/openapi.json', ...assets]) {
      const response = await fetch(app.url + path);
      expect({ path, status: response.status }).toEqual({ path, status: 404 });
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
    await app.close();
  });
});
