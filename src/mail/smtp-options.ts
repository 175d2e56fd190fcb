import { ConfigError } from '../config/config-error.js';

/** How long the server may take to be reached, to greet, and to answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Addresses of this machine, on which nobody can eavesdrop. */
const LOOPBACK = /^((.+\.)?localhost|127(\.\d{1,3}){3}|\[::1\])$/i;

/**
 * How nodemailer reaches the server that `SMTP_URL` names. TLS is used where it is offered, and demanded before
 * a password is sent. On this machine's own addresses it may be missing, and its certificate is not verified:
 * mail servers generate self-signed ones.
 * @throws ConfigError
 */
export function smtpOptions(smtpUrl: string) {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const auth = username === '' ? undefined : { user: decode(username), pass: decode(password) };
  const isLoopback = LOOPBACK.test(hostname);
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? undefined : Number(port),
    secure: protocol === 'smtps:',
    requireTLS: auth !== undefined && !isLoopback,
    tls: { rejectUnauthorized: !isLoopback },
    auth,
    // Otherwise a server that doesn't announce AUTH would get the mail without a login.
    forceAuth: auth !== undefined,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
    socketCloseTimeout: 1_000,
    disableUrlAccess: true,
    disableFileAccess: true,
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError(['SMTP_URL: expected user and password percent-encoded']);
  }
}
