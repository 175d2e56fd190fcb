import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { afterEach, describe, expect, it } from '@jest/globals';
// A self-signed certificate.
import ownCertificate from 'smtp-server/lib/tls-options.js';
import { examine } from '../../src/doctor/finding.js';
import { Instance } from '../../src/doctor/outside/instance.js';
import { transportChecks } from '../../src/doctor/outside/transport.js';

const certificate = (ownCertificate as (options: object) => TlsOptions)({});

describe('the examination of TLS', () => {
  let server: Server;
  afterEach(() => void server.close());

  async function find(options: TlsOptions, headers: Record<string, string>): Promise<string[]> {
    server = createServer({ ...certificate, ...options }, (request, response) => {
      request.resume();
      response.writeHead(401, headers).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { findings } = await examine(new Instance(`https://127.0.0.1:${port}`), transportChecks);
    return findings.map(({ id, severity }) => `${severity} ${id}`);
  }

  it('finds a self-signed certificate, old versions, and that plain http is not ruled out', async () => {
    const old: TlsOptions = { minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };
    expect(await find(old, {})).toEqual([
      'serious certificate_refused',
      'warning tls_old',
      'warning hsts_missing',
    ]);
  });

  it('finds only the certificate, where the rest is right', async () => {
    const headers = { 'Strict-Transport-Security': 'max-age=31536000' };
    expect(await find({ minVersion: 'TLSv1.2' }, headers)).toEqual(['serious certificate_refused']);
  });
});
