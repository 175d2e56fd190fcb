import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as openid from 'openid-client';
import { PASSWORD } from '../support/create-test-app.js';
import { freePort } from '../support/postgres.js';
import { runCli, type ServiceProcess, startService } from '../support/processes.js';
import { TemporaryFolder } from '../support/temporary-folder.js';

const LOGIN = { username: 'alex', password: PASSWORD };

describe('A strict client that knows nothing but the issuer', () => {
  let folder: TemporaryFolder;
  let service: ServiceProcess;
  let issuer: string;
  let secret: string;

  beforeAll(async () => {
    folder = new TemporaryFolder();
    const port = String(await freePort());
    issuer = `http://127.0.0.1:${port}`;
    const environment = { PORT: port, ISSUER: issuer, ALGORITHM: 'ES256' };
    const cli = (args: string[], input = '') => runCli(folder, args, { ...environment, input });
    service = await startService(folder, environment);
    await cli(['user', 'create', 'alex', '--password-stdin'], PASSWORD);
    const { stdout } = await cli(['client', 'create', 'a.b~c-d_e', '--json']);
    secret = (JSON.parse(stdout) as { client_secret: string }).client_secret;
  });
  afterAll(async () => {
    await service.end();
    await folder.remove();
  });

  const discover = (id: string, authentication: openid.ClientAuth) =>
    openid.discovery(new URL(issuer), id, undefined, authentication, {
      algorithm: 'oauth2',
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- only deprecated to prevent accidental use
      execute: [openid.allowInsecureRequests],
    });
  const logIn = (config: openid.Configuration) =>
    openid.genericGrantRequest(config, 'password', { ...LOGIN, scope: 'profile' });

  const proofs: [string, () => openid.ClientAuth][] = [
    ['client_secret_basic', () => openid.ClientSecretBasic(secret)],
    ['client_secret_post', () => openid.ClientSecretPost(secret)],
  ];

  it.each(proofs)('logs in, refreshes, introspects and revokes by %s', async (_, proof) => {
    const config = await discover('a.b~c-d_e', proof());
    const first = await logIn(config);
    expect(first).toMatchObject({ token_type: 'bearer', scope: 'profile' });
    const second = await openid.refreshTokenGrant(config, first.refresh_token!);
    const ask = (token: string) => openid.tokenIntrospection(config, token);
    expect(await ask(first.refresh_token!)).toEqual({ active: false });
    const known = { active: true, username: 'alex', client_id: 'a.b~c-d_e', iss: issuer };
    expect(await ask(second.access_token)).toMatchObject(known);
    expect(await ask(second.refresh_token!)).toMatchObject(known);
    await openid.tokenRevocation(config, second.refresh_token!);
    for (const token of [first.access_token, second.access_token, second.refresh_token!]) {
      expect(await ask(token)).toEqual({ active: false });
    }
    await expect(openid.refreshTokenGrant(config, second.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it.each(proofs)('gets a token of its own by %s', async (_, proof) => {
    const config = await discover('a.b~c-d_e', proof());
    const { access_token } = await openid.clientCredentialsGrant(config);
    expect(await openid.tokenIntrospection(config, access_token)).toMatchObject({
      active: true,
      sub: 'client:a.b~c-d_e',
      client_id: 'a.b~c-d_e',
    });
  });

  it('logs in, refreshes and revokes without a secret', async () => {
    const config = await discover('web app: 100 %', openid.None());
    const { refresh_token } = await openid.refreshTokenGrant(
      config,
      (await logIn(config)).refresh_token!,
    );
    await openid.tokenRevocation(config, refresh_token!);
    await expect(openid.refreshTokenGrant(config, refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('understands why it is refused', async () => {
    const wrong = await discover('a.b~c-d_e', openid.ClientSecretBasic('wrong & wrong: 100 %'));
    const challenge = { cause: [{ scheme: 'basic' }] };
    await expect(openid.tokenIntrospection(wrong, 'x')).rejects.toMatchObject(challenge);
    await expect(openid.tokenRevocation(wrong, 'x')).rejects.toMatchObject(challenge);
    await expect(openid.clientCredentialsGrant(wrong)).rejects.toMatchObject(challenge);
    const nobody = await discover('nobody', openid.None());
    await expect(openid.tokenIntrospection(nobody, 'x')).rejects.toMatchObject(challenge);
  });

  it('verifies a token with the keys that the metadata name', async () => {
    const config = await discover('web', openid.None());
    const { access_token } = await logIn(config);
    const { jwks_uri = '' } = config.serverMetadata();
    const { payload, protectedHeader } = await jwtVerify(
      access_token,
      createRemoteJWKSet(new URL(jwks_uri)),
      { issuer, audience: issuer, typ: 'at+jwt', algorithms: ['ES256'] },
    );
    expect(protectedHeader).toMatchObject({ alg: 'ES256', kid: expect.any(String) });
    expect(payload).toMatchObject({ sub: 'alex', sid: expect.any(String) });
  });
});
