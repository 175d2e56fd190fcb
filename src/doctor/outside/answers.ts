import type { Check, Finding } from '../finding.js';
import { type Answer, type Instance, randomName } from './instance.js';

/** Whose stack frames and paths must not appear in a response. */
const LEAKS = /node_modules|\bat .{1,200}\.[cm]?[jt]s:\d+|QueryFailedError|SQLITE_|ECONNREFUSED/;

const FORM = { 'Content-Type': 'application/x-www-form-urlencoded' };

const isNeverStored: Check<Instance> = async (instance) => {
  const answers = [await instance.look('/users/me'), await badForm(instance)];
  if (answers.every(({ headers }) => /\bno-store\b/.test(String(headers['cache-control']))))
    return [];
  return [
    {
      id: 'cache_allowed',
      severity: 'serious',
      what: '/token or /users/me answers without Cache-Control: no-store',
      why: 'A cache in between may store one user’s response, and serve it to another (RFC 6749 §5.1)',
      do: 'Let the proxy pass latchkey’s headers on, and cache nothing',
    },
  ];
};

const refusesOtherMethods: Check<Instance> = async (instance) => {
  const got = await instance.look('/token');
  if (got.status === 405 && /\bPOST\b/.test(String(got.headers.allow))) return [];
  return [
    wrong(
      'method_accepted',
      'warning',
      `GET /token answers ${got.status}, and not 405 with Allow: POST`,
      'A login that works by URL leaves the password in logs and histories',
    ),
  ];
};

const challenges: Check<Instance> = async (instance) => {
  const none = await instance.look('/users/me');
  const headers = { Authorization: 'Bearer not.a.token' };
  const bad = await instance.ask('/users/me', { headers });
  const challengeOf = (answer: Answer) => answer.headers['www-authenticate'] ?? '';
  if (none.status !== 401 || bad.status !== 401) {
    return [
      wrong(
        'profile_open',
        'serious',
        `/users/me answers ${none.status} without a token, and ${bad.status} to a wrong one`,
        'Both must be 401: what answers there does not check tokens, or is not latchkey',
      ),
    ];
  }
  const isRight =
    /^Bearer\b/i.test(challengeOf(none)) &&
    !challengeOf(none).includes('error=') &&
    /^Bearer\b.*error="invalid_token"/i.test(challengeOf(bad));
  return isRight
    ? []
    : [
        wrong(
          'challenge_wrong',
          'warning',
          'The WWW-Authenticate of /users/me is not what RFC 6750 §3 says',
          'Clients don’t learn that they have to refresh, and log people out',
        ),
      ];
};

const bearsNoLargeBody: Check<Instance> = async (instance) => {
  const body = `username=${'x'.repeat(65 * 1024)}&password=x`;
  // A server that has refused may close before all of it is sent.
  const answer = await instance
    .ask('/token', { method: 'POST', headers: FORM, body })
    .catch(() => undefined);
  if (!answer || [400, 413].includes(answer.status)) return [];
  return [
    wrong(
      'body_unbounded',
      'warning',
      `A body of over 64 KiB is answered ${answer.status}, and not 413`,
      'Anyone can use up memory and time of the service',
    ),
  ];
};

const tellsNothingOfItself: Check<Instance> = async (instance) => {
  const answers = await provokeErrors(instance);
  if (!answers.some(({ body }) => LEAKS.test(body))) return [];
  return [
    wrong(
      'errors_leak',
      'serious',
      'An error response reveals internals of the program',
      'Paths, versions and statements help an attacker',
    ),
  ];
};

const namesNoVersion: Check<Instance> = async (instance) => {
  const { headers } = await instance.look('/users/me');
  const names = [headers['x-powered-by'], headers.server].flatMap((name) => name ?? []);
  const telling = names.filter((name) => /\d|express/i.test(name));
  if (telling.length === 0) return [];
  return [
    {
      id: 'version_named',
      severity: 'note',
      what: `Responses name their software: ${telling.join(', ').slice(0, 80)}`,
      why: 'An attacker who searches for a vulnerable version finds this one',
      do: 'server_tokens off; in nginx, and no X-Powered-By',
    },
  ];
};

const protectsPages: Check<Instance> = async (instance) => {
  const { headers } = await instance.look('/users/me');
  const missing = ['x-content-type-options', 'content-security-policy'].filter(
    (name) => headers[name] === undefined,
  );
  return missing.length === 0
    ? []
    : [
        wrong(
          'headers_missing',
          'warning',
          `Answers lack ${missing.join(' and ')}`,
          'A browser may treat a response as a page, and run what is in it',
        ),
      ];
};

const permitsNoStranger: Check<Instance> = async (instance) => {
  const origin = `https://${randomName()}.example`;
  const { headers } = await instance.ask('/users/me', { headers: { Origin: origin } });
  const permitted = headers['access-control-allow-origin'];
  if (permitted !== origin && permitted !== '*') return [];
  return [
    {
      id: 'cors_any_origin',
      severity:
        permitted === origin || headers['access-control-allow-credentials'] === 'true'
          ? 'serious'
          : 'warning',
      what:
        permitted === '*'
          ? 'Pages of any origin may read answers'
          : 'Any origin that a request names is permitted',
      why: 'Any page that a user visits can call the service on their behalf',
      do: 'CORS_ORIGINS with your own pages only, and no CORS headers of the proxy’s',
    },
  ];
};

async function provokeErrors(instance: Instance): Promise<Answer[]> {
  const json = { 'Content-Type': 'application/json' };
  const multipart = { 'Content-Type': 'multipart/form-data' };
  return [
    await instance.look('/users/me'),
    await instance.look(`/${randomName()}`),
    await instance.ask('/users', { method: 'POST', headers: json, body: '{"' }),
    await instance.ask('/token', { method: 'POST', headers: multipart, body: '--' }),
  ];
}

function badForm(instance: Instance): Promise<Answer> {
  return instance.ask('/token', { method: 'POST', headers: FORM, body: 'grant_type=none' });
}

function wrong(id: string, severity: Finding['severity'], what: string, why: string): Finding {
  return {
    id,
    severity,
    what,
    why,
    do: 'Check what the proxy in front changes, and the version of latchkey',
  };
}

export const answerChecks: readonly Check<Instance>[] = [
  isNeverStored,
  refusesOtherMethods,
  challenges,
  bearsNoLargeBody,
  tellsNothingOfItself,
  namesNoVersion,
  protectsPages,
  permitsNoStranger,
];
