import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../config/config-error.js';
import { smtpOptions } from './smtp-options.js';

describe('smtpOptions', () => {
  it('reads host, port, user and password', () => {
    expect(smtpOptions('smtp://me%40example.com:a%2Fb@[2001:db8::1]:2525')).toMatchObject({
      host: '2001:db8::1',
      port: 2525,
      secure: false,
      auth: { user: 'me@example.com', pass: 'a/b' },
    });
    expect(smtpOptions('smtps://mail.example.com')).toMatchObject({
      host: 'mail.example.com',
      port: undefined,
      secure: true,
      auth: undefined,
    });
  });

  it.each(['mail.example.com', 'localhost.example.com', '127.0.0.1.example.com', '10.0.0.1'])(
    'demands TLS and a valid certificate before a password goes to %s',
    (host) => {
      const demands = { requireTLS: true, tls: { rejectUnauthorized: true } };
      expect(smtpOptions(`smtp://user:password@${host}`)).toMatchObject(demands);
    },
  );

  it.each(['localhost', 'mail.localhost', '127.0.0.1', '127.1.2.3', '[::1]'])(
    'demands neither on this machine: %s',
    (host) => {
      const demands = { requireTLS: false, tls: { rejectUnauthorized: false } };
      expect(smtpOptions(`smtp://user:password@${host}`)).toMatchObject(demands);
    },
  );

  it('refuses what is not percent-encoded, without repeating it', () => {
    const url = 'smtp://user:100%secret@mail.example.com';
    expect(() => smtpOptions(url)).toThrow(ConfigError);
    expect(() => smtpOptions(url)).toThrow(/^(?!.*secret)[^]*SMTP_URL: expected user and password/);
  });
});
