import type { Check, Finding } from '../finding.js';
import type { Instance } from './instance.js';

const METADATA = '/.well-known/oauth-authorization-server';

const keepsItsFiles: Check<Instance> = async (instance) => {
  const findings: Finding[] = [];
  for (const [path, sign] of [
    ['/.env', /^SECRET_KEY=/m],
    ['/users.db', /^SQLite format 3/],
  ] as const) {
    const { status, body } = await instance.look(path);
    if (status !== 200 || !sign.test(body)) continue;
    findings.push({
      id: 'file_served',
      severity: 'serious',
      what: `${path} can be fetched by anyone`,
      why: 'It holds the key, or the hashes of passwords',
      do: 'Let the proxy serve no files from there, then change the key and reset the passwords',
    });
  }
  return findings;
};

const keepsItsMetrics: Check<Instance> = async (instance) => {
  const { status, body } = await instance.look('/metrics');
  if (status !== 200 || !/^# (HELP|TYPE) /m.test(body)) return [];
  return [
    {
      id: 'metrics_open',
      severity: 'serious',
      what: '/metrics is open to everyone',
      why: 'It shows how many logins succeed and fail, and when the service is busy enough to be overloaded',
      do: 'METRICS_TOKEN or METRICS_PORT, and no token added by the proxy',
    },
  ];
};

/** A note: the interface is published anyway, and nothing secret is in it. */
const keepsItsDocs: Check<Instance> = async (instance) => {
  const open: string[] = [];
  for (const path of ['/docs', '/openapi.json']) {
    if ((await instance.look(path)).status === 200) open.push(path);
  }
  if (open.length === 0) return [];
  return [
    {
      id: 'docs_exposed',
      severity: 'note',
      what: `The documentation is served: ${open.join(', ')}`,
      why: 'It holds no secret, but it is a page on which people type passwords',
      do: 'DOCS_ENABLED=false, unless someone uses it',
    },
  ];
};

const isWhoItSays: Check<Instance> = async (instance) => {
  const answer = await instance.look(METADATA);
  const issuer = answer.status === 200 ? issuerOf(answer.body) : undefined;
  const expected = instance.url.href.replace(/\/$/, '');
  if (issuer?.replace(/\/$/, '') === expected) return [];
  return [
    {
      id: 'issuer_differs',
      severity: 'warning',
      what:
        issuer === undefined
          ? `${METADATA} has no issuer (${answer.status})`
          : `The issuer is ${issuer.slice(0, 200)}, and not ${expected}`,
      why: 'A client that finds the service by its address refuses what it says (RFC 8414 §3.3)',
      do: 'Set ISSUER to the public address; with a path see docs/operating.md, "Change of the key"',
    },
  ];
};

const publishesItsKeys: Check<Instance> = async (instance) => {
  const { status, body } = await instance.look('/.well-known/jwks.json');
  if (status === 200 && Array.isArray(membersOf(body).keys)) return [];
  return [
    {
      id: 'keys_unreachable',
      severity: 'warning',
      what: `/.well-known/jwks.json answers ${status}, or no list of keys`,
      why: 'Services that verify tokens themselves can’t',
      do: 'Let the proxy pass /.well-known on',
    },
  ];
};

function issuerOf(body: string): string | undefined {
  const { issuer } = membersOf(body);
  return typeof issuer === 'string' ? issuer : undefined;
}

function membersOf(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const exposureChecks: readonly Check<Instance>[] = [
  keepsItsFiles,
  keepsItsMetrics,
  keepsItsDocs,
  isWhoItSays,
  publishesItsKeys,
];
