import { Injectable } from '@nestjs/common';
import type { RequestContext } from '../http/request-context.js';
import { Recorder } from '../audit/recorder.js';
import { InvalidRequest } from '../http/oauth-error.js';
import { basicCredentials } from './basic-credentials.js';
import {
  ClientAuthenticationRequired,
  IncorrectClientCredentials,
  InvalidClient,
  RepeatedClientSecret,
} from './client-errors.js';
import { ClientsService } from './clients.service.js';

export interface CallingClient {
  id: string;
  /** Did it prove who it is? If not, the id is a label. */
  authenticated: boolean;
}

/** What a request says about its client; empty strings where it says nothing. */
interface PresentedClient {
  id: string;
  secret: string;
}

/** RFC 6749 §A.1, and no longer than a session stores. */
const LABEL = /^[\x20-\x7E]{1,64}$/;

/** Finds out which client calls (RFC 6749 §2.3.1): by HTTP Basic, or by the form. */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientsService,
    private readonly recorder: Recorder,
  ) {}

  /**
   * @param form the fields of the body, each at most once
   * @returns undefined for a request that names no client
   * @throws InvalidRequest for a client presented in two ways, and for a malformed id
   * @throws InvalidClient for an incorrect secret
   * @throws DatabaseUnavailable
   */
  async identify(
    context: RequestContext,
    form: ReadonlyMap<string, string>,
  ): Promise<CallingClient | undefined> {
    const { id, secret } = await this.presented(context, form);
    if (secret !== '') {
      await this.checkSecret(context, id, secret);
      return { id, authenticated: true };
    }
    if (id === '') return undefined;
    if (!LABEL.test(id)) {
      throw new InvalidRequest('The client_id must have 1 to 64 printable ASCII characters');
    }
    return { id, authenticated: false };
  }

  /**
   * As `identify`, for an endpoint that serves registered clients only.
   * @throws InvalidClient also for a client that did not authenticate
   */
  async require(
    context: RequestContext,
    form: ReadonlyMap<string, string>,
  ): Promise<CallingClient> {
    return this.authenticated(context, await this.identify(context, form));
  }

  /**
   * For what only a registered client may do, after `identify`.
   * @throws InvalidClient for a client that did not authenticate, and for none
   */
  async authenticated(
    context: RequestContext,
    client: CallingClient | undefined,
  ): Promise<CallingClient> {
    if (client?.authenticated) return client;
    const refusal = new ClientAuthenticationRequired();
    return this.refuse(context, 'not_authenticated', refusal, client?.id);
  }

  /** In one way only (RFC 6749 §2.3); an empty value counts as absent (§3.1). */
  private async presented(
    context: RequestContext,
    form: ReadonlyMap<string, string>,
  ): Promise<PresentedClient> {
    const posted = { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
    const basic = await this.fromHeader(context);
    if (!basic) return posted;
    if (posted.secret !== '') throw new RepeatedClientSecret();
    if (posted.id !== '' && posted.id !== basic.id) {
      throw new InvalidRequest('The client_id is another one than in the Authorization header');
    }
    return basic;
  }

  private async fromHeader(context: RequestContext): Promise<PresentedClient | undefined> {
    const [header = '', ...others] = context.authorization;
    if (others.length > 0) throw new InvalidRequest('Send one Authorization header');
    const basic = basicCredentials(header);
    if (basic !== null) return basic;
    const detail = 'The client credentials in the header are malformed';
    return this.refuse(context, 'malformed', new InvalidClient(detail));
  }

  private async checkSecret(context: RequestContext, id: string, secret: string): Promise<void> {
    if (id === '') {
      const refusal = new InvalidClient('The client secret came without client_id');
      return this.refuse(context, 'no_client_id', refusal);
    }
    const verdict = await this.clients.verify(id, secret);
    if (verdict.matches) return;
    return this.refuse(context, verdict.reason, new IncorrectClientCredentials(), id);
  }

  private async refuse(
    context: RequestContext,
    reason: string,
    refusal: InvalidClient,
    client_id?: string,
  ): Promise<never> {
    // Only then is it the name of a client, and not some other input.
    const client = reason === 'mismatch' ? client_id : undefined;
    const facts = { client, typed: { client_id }, reason };
    await this.recorder.record('client_refused', context, facts);
    throw refusal;
  }
}
