import { randomBytes } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { performance } from 'node:perf_hooks';

/** How long an answer may take, in milliseconds: a hash may be waited for. */
const TIMEOUT_MS = 8_000;

/** How much of an answer is read, in bytes. */
const LARGEST_BYTES = 256 * 1024;

/** The number of requests in all. */
const MOST_REQUESTS = 60;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** How long it took, in milliseconds. */
  ms: number;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** A deployed latchkey as seen from outside. The passwords sent to it are random. */
export class Instance {
  readonly url: URL;
  /** A user whose login time is compared; undefined: no comparison. */
  readonly knownUser: string | undefined;
  private left = MOST_REQUESTS;
  private readonly answers = new Map<string, Promise<Answer>>();

  constructor(url: string, knownUser?: string) {
    this.url = new URL(url.endsWith('/') ? url : `${url}/`);
    this.knownUser = knownUser;
  }

  /** Sends a request, whose path is below the instance's own. @throws Error without an answer in time */
  ask(path: string, { method = 'GET', headers = {}, body }: Ask = {}): Promise<Answer> {
    if (this.left-- <= 0) return Promise.reject(new Error('Too many requests for one examination'));
    const target = new URL(path.replace(/^\//, ''), this.url);
    return send(target, { method, headers, ...(body === undefined ? {} : { body }) });
  }

  /** A plain GET, sent once for all checks that use the response. */
  look(path: string): Promise<Answer> {
    let answer = this.answers.get(path);
    if (!answer) {
      answer = this.ask(path);
      this.answers.set(path, answer);
    }
    return answer;
  }

  logIn(username: string, headers: Record<string, string> = {}): Promise<Answer> {
    const form = new URLSearchParams({ grant_type: 'password', username, password: randomName() });
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.ask('/token', {
      method: 'POST',
      headers: { ...type, ...headers },
      body: String(form),
    });
  }
}

/** A name and a password that no user has. */
export function randomName(): string {
  return `doctor-${randomBytes(12).toString('hex')}`;
}

/** Certificates have a check of their own, and the other checks ignore them. */
export function send(target: URL, { method, headers, body }: Ask): Promise<Answer> {
  const start = target.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const begin = performance.now();
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const options = {
      method,
      headers: { ...headers, ...length },
      rejectUnauthorized: false,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    };
    const request = start(target, options, (response) => {
      let text = '';
      const finish = () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          ms: performance.now() - begin,
        });
      response.setEncoding('latin1').on('data', (piece: string) => {
        text += piece;
        if (text.length < LARGEST_BYTES) return;
        finish();
        response.destroy();
      });
      response.on('end', finish).on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
