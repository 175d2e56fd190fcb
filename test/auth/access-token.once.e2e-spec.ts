import { createSign, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { adoptUser } from '../support/adopt-user.js';
import { createTestApp, ISSUER, SECRET_KEY, type TestApp } from '../support/create-test-app.js';
import { expectProblem } from '../support/expect-errors.js';
import { keyId, TokenForge } from '../support/forge-token.js';

const LIFETIME = 15 * 60;

function decode(token: string): Record<string, unknown>[] {
  const parts = token.split('.').slice(0, 2);
  return parts.map(
    (part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>,
  );
}

describe('The access token', () => {
  let app: TestApp;
  let forge: TokenForge;

  beforeAll(async () => {
    app = await createTestApp();
    await app.createUser();
    forge = new TokenForge(app);
  });
  afterAll(() => app.close());

  const expectRefusal = async (token: string, detail = 'Could not validate token') => {
    const response = await app.readProfile(token);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", /);
    await expectProblem(response, {
      status: 401,
      title: 'Unauthorized',
      code: 'invalid_token',
      detail,
    });
  };
  const expectExpiry = (token: string) =>
    expectRefusal(token, 'Token is expired! Hit Authorize to receive a new token');
  const expectAcceptance = async (token: string) =>
    expect((await app.readProfile(token)).status).toBe(200);

  describe('as issued', () => {
    it('says who, from whom, for whom, from when and until when', async () => {
      const now = app.clock.now() / 1000;
      const [header, claims] = decode(await app.accessToken());
      expect(header).toEqual({ typ: 'at+jwt', alg: 'HS256', kid: keyId() });
      expect(claims).toEqual({
        sub: 'alex',
        uid: '1',
        scope: 'profile',
        sid: expect.stringMatching(/^[\w-]{22}$/),
        iss: ISSUER,
        aud: ISSUER,
        iat: now,
        exp: now + LIFETIME,
        jti: expect.stringMatching(/^[\da-f-]{36}$/),
      });
    });

    it('has an id of its own each time', async () => {
      const [, first] = decode(await app.accessToken());
      const [, second] = decode(await app.accessToken());
      expect(first?.jti).not.toBe(second?.jti);
    });

    it('names a user of any script', async () => {
      const username = 'Ünï 雪 😀';
      await adoptUser(app, { username });
      const token = await app.accessToken({ username });
      expect(decode(token)[1]).toMatchObject({ sub: username });
      expect(await (await app.readProfile(token)).json()).toMatchObject({
        'user data': { username },
      });
    });

    it('reveals nothing about the key by its kid', () => {
      expect(keyId()).toMatch(/^[\w-]{16}$/);
      expect(keyId(`${SECRET_KEY}x`)).not.toBe(keyId());
    });
  });

  it('is accepted when forged correctly, so that the tests below test what they say', async () => {
    await expectAcceptance(forge.make());
  });

  describe('with a header', () => {
    it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+Jwt'])(
      'of typ %j is accepted',
      async (typ) => expectAcceptance(forge.make({ header: { typ } })),
    );

    it.each([undefined, null, '', 'JWT', 'at+jwt ', 'jwt+at', 'x/at+jwt', 'rt+jwt', ['at+jwt'], 1])(
      'of typ %j is refused',
      async (typ) => expectRefusal(forge.make({ header: { typ } })),
    );

    it.each([undefined, null, '', 'other', [keyId()], keyId('another key of 32 bytes or more')])(
      'of kid %j is refused',
      async (kid) => expectRefusal(forge.make({ header: { kid } })),
    );

    it.each([['exp'], ['b64'], [], 'exp', null].map((crit) => [crit]))(
      'of crit %j is refused',
      async (crit) => expectRefusal(forge.make({ header: { crit, exp: 1, b64: true } })),
    );

    it('that offers a key is verified with our own', async () => {
      const offers = {
        jwk: { kty: 'oct', k: Buffer.from('attacker').toString('base64url') },
        jku: 'http://127.0.0.1:1/jwks',
        x5u: 'http://127.0.0.1:1/cert',
        x5c: ['AAAA'],
      };
      await expectAcceptance(forge.make({ header: offers }));
      await expectRefusal(forge.make({ header: offers, key: 'attacker' }));
    });

    it.each(['none', 'None', 'NONE', '', undefined, 'hs256', ['HS256']])(
      'of alg %j is refused, signed or not',
      async (alg) => {
        const token = forge.make({ header: { alg } });
        await expectRefusal(token);
        await expectRefusal(token.replace(/[^.]*$/, ''));
      },
    );

    it.each(['HS384', 'HS512'] as const)('of alg %s is refused under HS256', async (hash) => {
      await expectRefusal(forge.make({ header: { alg: hash }, hash }));
      await expectRefusal(forge.make({ hash }));
    });

    it('of alg RS256 is refused, whatever key pair signed it', async () => {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      const signed = forge.make({ header: { alg: 'RS256' } }).replace(/\.[^.]*$/, '');
      const signature = createSign('sha256').update(signed).sign(privateKey, 'base64url');
      await expectRefusal(`${signed}.${signature}`);
      await expectRefusal(forge.make({ header: { alg: 'RS256' } }));
    });
  });

  describe('with a signature', () => {
    it.each([
      ['of another key', () => forge.make({ key: 'another key for the tests, 32 bytes or more' })],
      ['of an empty key', () => forge.make({ key: '' })],
      ['that is missing', () => forge.make().replace(/[^.]*$/, '')],
      ['that is cut', () => forge.make().slice(0, -2)],
      [
        'of another token',
        () => {
          const claims = { sub: 'root' };
          return forge.make({ claims }).replace(/[^.]*$/, forge.make().split('.')[2]!);
        },
      ],
    ])('%s is refused', async (_, make) => expectRefusal(make()));
  });

  describe('with claims', () => {
    const far = 10 ** 12;
    it.each([
      ['sub', undefined],
      ['sub', null],
      ['sub', ''],
      ['sub', 1],
      ['sub', ['alex']],
      ['uid', undefined],
      ['uid', ''],
      ['uid', 1],
      ['iss', undefined],
      ['iss', 'http://other.test'],
      ['iss', [ISSUER]],
      ['iss', `${ISSUER}/`],
      ['aud', undefined],
      ['aud', 'http://other.test'],
      ['aud', []],
      ['aud', ['http://other.test']],
      ['exp', undefined],
      ['exp', null],
      ['exp', String(far)],
      ['exp', [far]],
      ['exp', true],
      ['iat', undefined],
      ['iat', null],
      ['iat', '0'],
      ['iat', far],
      ['nbf', null],
      ['nbf', '0'],
      ['nbf', far],
    ])('%s %j is refused', async (name, value) => {
      await expectRefusal(forge.make({ claims: { [name]: value } }));
    });

    it.each(['exp', 'iat', 'nbf'])('%s infinite is refused', async (name) => {
      const json = JSON.stringify(decode(forge.make())[1]);
      for (const value of ['1e400', '-1e400']) {
        const payload = `${json.slice(0, -1)},"${name}":${value}}`;
        await expectRefusal(forge.make({ payload }));
      }
    });

    it.each(['null', '[]', '"alex"', '1', 'true', '{', '', '{"sub":"alex"'])(
      '%s instead of an object is refused',
      async (payload) => expectRefusal(forge.make({ payload })),
    );

    it('aud is accepted as a list that has ours in it', async () => {
      await expectAcceptance(forge.make({ claims: { aud: ['http://other.test', ISSUER] } }));
    });

    it('of a fraction of a second are accepted', async () => {
      await expectAcceptance(
        forge.make({ claims: { iat: forge.now - 0.5, exp: forge.now + 0.5 } }),
      );
    });

    it('allow a clock skew of 5 s', async () => {
      const { now } = forge;
      await expectAcceptance(forge.make({ claims: { iat: now + 5 } }));
      await expectRefusal(forge.make({ claims: { iat: now + 6 } }));
      await expectAcceptance(forge.make({ claims: { nbf: now + 5 } }));
      await expectRefusal(forge.make({ claims: { nbf: now + 6 } }));
      await expectAcceptance(forge.make({ claims: { exp: now - 4 } }));
      await expectExpiry(forge.make({ claims: { exp: now - 5 } }));
    });

    it('that are wrong beside an expiry are not called expired', async () => {
      const exp = forge.now - 60;
      await expectRefusal(forge.make({ claims: { exp, iss: 'http://other.test' } }));
      await expectRefusal(
        forge.make({ claims: { exp }, key: 'another key, 32 bytes or more of it' }),
      );
    });
  });

  it.each([
    'x',
    'x.y',
    '.',
    '..',
    'a.b.c.d',
    'e30.e30.',
    'e30.e30.e30',
    'bnVsbA.e30.x',
    'W10.e30.x',
  ])('is not %s', async (token) => expectRefusal(token));

  it('expires, however often it was used before', async () => {
    const token = await app.accessToken();
    await expectAcceptance(token);
    app.clock.advance(LIFETIME + 4);
    await expectAcceptance(token);
    app.clock.advance(1);
    await expectExpiry(token);
    await expectExpiry(token);
    app.clock.advance(-LIFETIME - 5);
    await expectAcceptance(token);
    app.clock.advance(-6);
    await expectRefusal(token);
    app.clock.advance(6);
  });
});

describe('The access token of a service with settings of its own', () => {
  it('is signed with ALGORITHM, for AUDIENCE, for ACCESS_TOKEN_EXPIRE_MINUTES', async () => {
    const AUDIENCE = 'http://api.test/v1';
    const settings = { ALGORITHM: 'HS512', AUDIENCE, ACCESS_TOKEN_EXPIRE_MINUTES: '1' };
    const app = await createTestApp(settings);
    await app.createUser();
    const forge = new TokenForge(app);
    const response = (await (await app.login()).json()) as Record<string, string>;
    expect(response.expires_in).toBe(60);
    const [header, claims] = decode(response.access_token!);
    expect(header).toMatchObject({ alg: 'HS512' });
    expect(claims).toMatchObject({ iss: ISSUER, aud: AUDIENCE, exp: forge.now + 60 });
    expect((await app.readProfile(response.access_token!)).status).toBe(200);
    const aud = AUDIENCE;
    const own = forge.make({ header: { alg: 'HS512' }, hash: 'HS512', claims: { aud } });
    expect((await app.readProfile(own)).status).toBe(200);
    expect((await app.readProfile(forge.make({ claims: { aud } }))).status).toBe(401);
    await app.close();
  });
});
