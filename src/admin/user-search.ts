import { canonicalAddress, canonicalName } from '../common/canonical-text.js';
import { queryParameters, trueOrFalse } from '../http/query-parameter.js';
import { PROFILE } from '../http/scopes.js';
import { isScope } from '../users/scope-rules.js';
import type { UserSearch } from '../users/user-pages.service.js';
import { hasLength } from '../users/user-rules.js';
import { readCursor } from './user-cursor.js';
import {
  InvalidLimit,
  InvalidPrefix,
  InvalidScopeFilter,
  LARGEST_LIMIT,
  LONGEST_PREFIX,
  TwoPrefixes,
} from './user-search-errors.js';

/** The parameters of a request for a page of the list. */
export interface PageRequest {
  search: UserSearch;
  after: string | number | undefined;
  limit: number;
}

const KNOWN = ['limit', 'cursor', 'username_prefix', 'email_prefix', 'disabled', 'scope'] as const;
type Parameters = Map<(typeof KNOWN)[number], string>;

const USUAL_LIMIT = '50';

/** @throws InvalidParameter */
export function parsePageRequest(query: URLSearchParams): PageRequest {
  const parameters = queryParameters(query, KNOWN);
  const limit = limitIn(parameters);
  const filters = { disabled: disabledIn(parameters), scope: scopeIn(parameters) };
  const search = { ...orderIn(parameters), ...filters };
  const cursor = parameters.get('cursor');
  const after =
    cursor === undefined ? undefined : readCursor(search.order, search.prefix ?? '', cursor);
  return { search, after, limit };
}

function limitIn(parameters: Parameters): number {
  const text = parameters.get('limit') ?? USUAL_LIMIT;
  if (/^[1-9]\d{0,2}$/.test(text) && Number(text) <= LARGEST_LIMIT) return Number(text);
  throw new InvalidLimit();
}

/** A list by a prefix is sorted by that column; two prefixes have no order in common. */
function orderIn(parameters: Parameters): Pick<UserSearch, 'order' | 'prefix'> {
  const username = prefixIn(parameters, 'username_prefix');
  const email = prefixIn(parameters, 'email_prefix');
  if (username !== undefined && email !== undefined) throw new TwoPrefixes();
  if (username !== undefined) return { order: 'username', prefix: canonicalName(username) };
  return email === undefined
    ? { order: 'id' }
    : { order: 'email', prefix: canonicalAddress(email) };
}

function prefixIn(parameters: Parameters, name: keyof typeof LONGEST_PREFIX): string | undefined {
  const prefix = parameters.get(name);
  const longest = LONGEST_PREFIX[name];
  if (prefix === undefined || (hasLength(prefix, 1, longest) && !/\p{Cc}/u.test(prefix))) {
    return prefix;
  }
  throw new InvalidPrefix(name);
}

function disabledIn(parameters: Parameters): boolean | undefined {
  const text = parameters.get('disabled');
  return text === undefined ? undefined : trueOrFalse('disabled', text);
}

/** Every user has `profile`. */
function scopeIn(parameters: Parameters): string | undefined {
  const scope = parameters.get('scope');
  if (scope === undefined || isScope(scope)) return scope === PROFILE ? undefined : scope;
  throw new InvalidScopeFilter();
}
