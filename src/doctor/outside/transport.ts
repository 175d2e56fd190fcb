import { connect, type TLSSocket } from 'node:tls';
import { isLoopbackUrl } from '../addresses.js';
import type { Check, Finding } from '../finding.js';
import { type Instance, send } from './instance.js';

const TIMEOUT_MS = 8_000;

/** When a certificate should have been renewed, in days before its end. */
const SOON = 14;

const DAY_MS = 86_400_000;

const isEncrypted: Check<Instance> = ({ url }) => {
  if (url.protocol === 'https:') return [];
  const isLocal = isLoopbackUrl(url.href);
  return [
    {
      id: 'plain_http',
      severity: isLocal ? 'note' : 'serious',
      what: 'The address is plain http',
      why: isLocal
        ? 'Nobody can eavesdrop on this machine, but this is not the address that people use'
        : 'Passwords and tokens can be read and changed in transit',
      do: isLocal
        ? 'Examine the public address too'
        : 'Put a proxy with TLS in front (deploy/nginx.conf)',
    },
  ];
};

const hasAGoodCertificate: Check<Instance> = async ({ url }) => {
  if (url.protocol !== 'https:') return [];
  const socket = await handshake(url);
  const { valid_to: end } = socket.getPeerCertificate();
  const reason = socket.authorized ? undefined : String(socket.authorizationError);
  socket.destroy();
  if (reason !== undefined)
    return [certificate('serious', `The certificate is refused: ${reason}`)];
  const days = Math.floor((Date.parse(end) - Date.now()) / DAY_MS);
  return days >= SOON
    ? []
    : [
        certificate(
          'warning',
          `The certificate expires in ${days} days and has not been renewed yet`,
        ),
      ];
};

const refusesOldTls: Check<Instance> = async ({ url }) => {
  if (url.protocol !== 'https:') return [];
  try {
    const old = {
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    (await handshake(url, old)).destroy();
  } catch {
    return [];
  }
  return [
    {
      id: 'tls_old',
      severity: 'warning',
      what: 'TLS 1.0 or 1.1 is accepted',
      why: 'They are broken, and withdrawn by RFC 8996',
      do: 'ssl_protocols TLSv1.2 TLSv1.3; in nginx',
    },
  ];
};

/** A redirect is better than a response, and worse than a closed port: the password is sent before it. */
const answersNothingInTheClear: Check<Instance> = async ({ url }) => {
  if (url.protocol !== 'https:' || url.port !== '') return [];
  const plain = new URL('token', url);
  plain.protocol = 'http:';
  const answer = await send(plain, { method: 'GET' }).catch(() => undefined);
  if (!answer) return [];
  const isRedirect = answer.status >= 300 && answer.status < 400;
  if (!isRedirect && [400, 403, 404, 410, 426].includes(answer.status)) return [];
  return [
    {
      id: 'http_answers',
      severity: isRedirect ? 'note' : 'serious',
      what: isRedirect ? 'Plain http redirects' : 'The token endpoint answers over plain http too',
      why: 'A client with the wrong address sends the password in the clear before it is redirected',
      do: 'Let nothing listen on port 80, or answer 404 there except for ACME challenges',
    },
  ];
};

const demandsHttps: Check<Instance> = async (instance) => {
  if (instance.url.protocol !== 'https:') return [];
  const { headers } = await instance.look('/users/me');
  const age = /max-age="?(\d+)/i.exec(String(headers['strict-transport-security']))?.[1];
  if (Number(age ?? 0) >= 180 * 86_400) return [];
  return [
    {
      id: 'hsts_missing',
      severity: 'warning',
      what:
        age === undefined
          ? 'There is no Strict-Transport-Security'
          : 'Strict-Transport-Security is short',
      why: 'An attacker on the path can lead a browser to plain http',
      do: 'Let the proxy pass latchkey’s own header on, or send max-age=31536000',
    },
  ];
};

function handshake(url: URL, options: object = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
    const port = Number(url.port || 443);
    const socket = connect({ host, port, rejectUnauthorized: false, ...servername, ...options });
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('No TLS within 8 s')));
    socket.once('error', reject).once('secureConnect', () => resolve(socket));
  });
}

function certificate(severity: Finding['severity'], what: string): Finding {
  return {
    id: severity === 'serious' ? 'certificate_refused' : 'certificate_ends',
    severity,
    what,
    why: 'Clients refuse it, or are taught to ignore it',
    do: 'Renew it, with the whole chain, and check the timer that should have',
  };
}

export const transportChecks: readonly Check<Instance>[] = [
  isEncrypted,
  hasAGoodCertificate,
  refusesOldTls,
  answersNothingInTheClear,
  demandsHttps,
];
