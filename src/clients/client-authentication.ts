import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { AuditTrail } from '../audit/audit-trail.service.js';
import { countHeaders } from '../common/count-headers.js';
import { OAuthError } from '../common/oauth-error.js';
import { basicCredentials } from './basic-credentials.js';
import { InvalidClient } from './client-errors.js';
import { ClientsService } from './clients.service.js';

export interface CallingClient {
  id: string;
  /** Did it prove who it is? If not, the id is a label. */
  authenticated: boolean;
}

/** What a request says of its client; empty texts where it says nothing. */
interface PresentedClient {
  id: string;
  secret: string;
}

/** RFC 6749 §A.1, and no longer than a session keeps. */
const LABEL = /^[\x20-\x7E]{1,64}$/;

/** Finds out which client calls (RFC 6749 §2.3.1): by HTTP Basic, or by the form. */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientsService,
    private readonly trail: AuditTrail,
  ) {}

  /**
   * @param form the fields of the body, each at most once
   * @returns undefined for a request that names no client
   * @throws OAuthError `invalid_request` for a client presented in two ways, and for an id that is no label
   * @throws InvalidClient for a secret that is not right
   * @throws DatabaseUnavailable
   */
  async identify(
    request: Request,
    form: ReadonlyMap<string, string>,
  ): Promise<CallingClient | undefined> {
    const { id, secret } = await this.presented(request, form);
    if (secret !== '') {
      await this.checkSecret(request, id, secret);
      return { id, authenticated: true };
    }
    if (id === '') return undefined;
    if (!LABEL.test(id)) {
      throw invalid('The client_id must have 1 to 64 printable ASCII characters');
    }
    return { id, authenticated: false };
  }

  /**
   * As `identify`, for an endpoint that serves registered clients only.
   * @throws InvalidClient also for a client that did not prove who it is
   */
  async require(request: Request, form: ReadonlyMap<string, string>): Promise<CallingClient> {
    return this.authenticated(request, await this.identify(request, form));
  }

  /**
   * For what only a registered client may do, after `identify`.
   * @throws InvalidClient for a client that did not prove who it is, and for none
   */
  async authenticated(request: Request, client: CallingClient | undefined): Promise<CallingClient> {
    if (client?.authenticated) return client;
    return this.refuse(
      request,
      'not_authenticated',
      'Client authentication is required',
      client?.id,
    );
  }

  /** By one way only (RFC 6749 §2.3); an empty value is as good as none (§3.1). */
  private async presented(
    request: Request,
    form: ReadonlyMap<string, string>,
  ): Promise<PresentedClient> {
    const posted = { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
    const basic = await this.fromHeader(request);
    if (!basic) return posted;
    if (posted.secret !== '') {
      throw invalid('Send the client secret in the Authorization header or in the form, not both');
    }
    if (posted.id !== '' && posted.id !== basic.id) {
      throw invalid('The client_id is another one than in the Authorization header');
    }
    return basic;
  }

  private async fromHeader(request: Request): Promise<PresentedClient | undefined> {
    if (countHeaders(request, 'authorization') > 1) throw invalid('Send one Authorization header');
    const basic = basicCredentials(request.headers.authorization ?? '');
    if (basic !== null) return basic;
    return this.refuse(request, 'malformed', 'The client credentials in the header are malformed');
  }

  private async checkSecret(request: Request, id: string, secret: string): Promise<void> {
    if (id === '') {
      return this.refuse(request, 'no_client_id', 'The client secret came without client_id');
    }
    const verdict = await this.clients.verify(id, secret);
    if (verdict.matches) return;
    return this.refuse(request, verdict.reason, 'Incorrect client credentials', id);
  }

  private async refuse(
    request: Request,
    reason: string,
    detail: string,
    client_id?: string,
  ): Promise<never> {
    // Only then is it the name of a client, and not something else that was typed there.
    const client = reason === 'mismatch' ? client_id : undefined;
    const facts = { client, typed: { client_id }, reason };
    await this.trail.refusal('client_refused', request, facts);
    throw new InvalidClient(detail);
  }
}

function invalid(description: string): OAuthError {
  return new OAuthError('invalid_request', description);
}
