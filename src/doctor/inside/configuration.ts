import { isLoopbackUrl } from '../addresses.js';
import type { Check } from '../finding.js';
import type { Installation } from './installation.js';

const PRODUCTION = 'Set NODE_ENV=production for the service';

const isValid: Check<Installation> = ({ problems }) =>
  problems.map((problem) => ({
    id: 'configuration_invalid',
    severity: 'serious',
    what: problem,
    why: 'The service does not start with it (exit status 78)',
    do: 'Correct the variable in the environment or in .env',
  }));

const isForProduction: Check<Installation> = ({ isProduction }) =>
  isProduction
    ? []
    : [
        {
          id: 'not_production',
          severity: 'note',
          what: 'NODE_ENV is not production',
          why: 'Anyone may sign up, mails are files, and settings that are only fit for trying out are accepted',
          do: `${PRODUCTION}, unless this is for trying out`,
        },
      ];

const namesItsAddress: Check<Installation> = ({ env: { ISSUER }, isProduction }) => {
  if (!isProduction || ISSUER === undefined) return [];
  if (ISSUER !== null && !isLoopbackUrl(ISSUER) && ISSUER.startsWith('https:')) return [];
  return [
    {
      id: 'issuer_not_public',
      severity: 'warning',
      what: ISSUER === null ? 'ISSUER is not set' : 'ISSUER is not a public https address',
      why: 'Tokens name it, and services that verify them compare it with the address they know',
      do: 'Set ISSUER to the public address, such as https://auth.example.com',
    },
  ];
};

const permitsItsOwnPages: Check<Installation> = ({ env: { CORS_ORIGINS = [] }, isProduction }) => {
  const open = CORS_ORIGINS.filter((origin) => isLoopbackUrl(origin) || origin.startsWith('http:'));
  if (!isProduction || open.length === 0) return [];
  return [
    {
      id: 'cors_origins_open',
      severity: 'warning',
      what: `CORS_ORIGINS permits ${open.join(', ')}`,
      why: 'A program on the visitor’s machine, or an attacker on the path of plain http, can pose as that page',
      do: 'Name the https origins of your own pages only',
    },
  ];
};

const trustsFewProxies: Check<Installation> = ({ env: { TRUSTED_PROXIES = [], HOST } }) => {
  const wide = TRUSTED_PROXIES.filter(isWide);
  if (wide.length > 0) {
    return [
      {
        id: 'trusted_proxies_wide',
        severity: 'serious',
        what: `TRUSTED_PROXIES includes ${wide.join(', ')}`,
        why: 'Any client with such an address can claim any other, and limits and the log believe it',
        do: 'Name the addresses of your proxies',
      },
    ];
  }
  if (TRUSTED_PROXIES.length > 0 || !/^(127\.|::1$|localhost$)/.test(HOST ?? '')) return [];
  return [
    {
      id: 'trusted_proxies_empty',
      severity: 'note',
      what: 'The service listens on loopback only, and TRUSTED_PROXIES is empty',
      why: 'Behind a proxy all requests then come from its address: one attacker locks everyone out',
      do: 'Set TRUSTED_PROXIES=127.0.0.1 if there is a proxy',
    },
  ];
};

const hidesItsDocs: Check<Installation> = ({ env: { DOCS_ENABLED }, isProduction }) =>
  isProduction && DOCS_ENABLED === true
    ? [
        {
          id: 'docs_enabled',
          severity: 'note',
          what: 'DOCS_ENABLED is true: /docs and /openapi.json are served',
          why: 'They hold no secret, but it is a page on which people type passwords',
          do: 'Set DOCS_ENABLED=false unless someone uses them',
        },
      ]
    : [];

const canWrite: Check<Installation> = ({ env, isProduction }) =>
  isProduction && env.SMTP_URL === null
    ? [
        {
          id: 'smtp_missing',
          severity: env.REGISTRATION === 'open' ? 'warning' : 'note',
          what: 'SMTP_URL is not set',
          why: 'Mails wait until it is: nobody can reset a forgotten password or verify an address',
          do: 'Set SMTP_URL, MAIL_FROM and APP_URL',
        },
      ]
    : [];

const admitsWithCare: Check<Installation> = ({ env, isProduction }) =>
  isProduction && env.REGISTRATION === 'open' && env.EMAIL_VERIFICATION !== 'required'
    ? [
        {
          id: 'registration_open',
          severity: 'note',
          what: 'Anyone may sign up, with any address',
          why: 'The response reveals whether an address has an account, and accounts cost nothing',
          do: 'EMAIL_VERIFICATION=required, or REGISTRATION=invite',
        },
      ]
    : [];

/** Over a million addresses of IPv4, or more than one site's of IPv6. */
function isWide(range: string): boolean {
  const [address = '', prefix] = range.split('/');
  if (prefix === undefined || /^10\.|^f[cd]/i.test(address)) return false;
  return Number(prefix) < (address.includes(':') ? 48 : 12);
}

export const configurationChecks: readonly Check<Installation>[] = [
  isValid,
  isForProduction,
  namesItsAddress,
  permitsItsOwnPages,
  trustsFewProxies,
  hidesItsDocs,
  canWrite,
  admitsWithCare,
];
