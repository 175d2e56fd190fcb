import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { ClientAuthentication } from '../clients/client-authentication.js';
import { queryParameter } from '../http/query-parameter.js';
import { type Revocations, RevocationsService } from '../sessions/revocations.service.js';
import type { RevocationList } from './dto/revocation-list.js';
import { InvalidSince, InvalidWait, LONGEST_WAIT_S } from './revocation-feed-errors.js';
import { RevocationWatch } from './revocation-watch.js';

/** Tells services that verify access tokens themselves which sessions have ended. */
@Injectable()
export class RevocationFeedService {
  private readonly running = new Map<number, Promise<Revocations>>();

  constructor(
    private readonly clients: ClientAuthentication,
    private readonly revocations: RevocationsService,
    private readonly watch: RevocationWatch,
  ) {}

  /**
   * What was ended since the cursor `since` in the query; if nothing, waits up to `wait` seconds.
   * @throws InvalidClient
   * @throws InvalidSince
   * @throws InvalidWait
   * @throws DatabaseUnavailable
   */
  async read(context: RequestContext, query: URLSearchParams): Promise<RevocationList> {
    await this.clients.require(context, new Map());
    const since = wholeNumber(query, 'since', Number.MAX_SAFE_INTEGER, InvalidSince);
    const wait = wholeNumber(query, 'wait', LONGEST_WAIT_S, InvalidWait) ?? 0;
    const known = await this.after(since ?? 0);
    if (since === undefined || wait === 0 || known.revoked.length > 0) return listOf(known);
    await this.watch.passed(known.cursor, wait * 1000, context.closed);
    return listOf(await this.after(since));
  }

  /** One query for all identical concurrent requests, as when a long poll ends. */
  private after(since: number): Promise<Revocations> {
    let query = this.running.get(since);
    if (!query) {
      query = this.revocations.after(since).finally(() => this.running.delete(since));
      this.running.set(since, query);
    }
    return query;
  }
}

function listOf({ cursor, revoked }: Revocations): RevocationList {
  return { cursor: String(cursor), revoked };
}

/** A parameter without a value counts as absent (RFC 6749 §3.1). */
function wholeNumber(
  query: URLSearchParams,
  name: string,
  max: number,
  Invalid: typeof InvalidSince | typeof InvalidWait,
): number | undefined {
  const value = queryParameter(query, name) ?? '';
  if (value === '') return undefined;
  if (/^\d{1,16}$/.test(value) && Number(value) <= max) return Number(value);
  throw new Invalid();
}
