import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, NotFoundException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { Problem, TemporarilyUnavailable } from './problem.js';
import { requestPath } from './request-path.js';
import { RouteTable } from './route-table.js';

/**
 * Turns whatever was thrown into the answer: RFC 6749 §5.2 (plus the tutorial's `detail`) at an OAuth
 * endpoint, RFC 9457 problem details elsewhere. What isn't a `Problem` tells the client nothing of itself.
 */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(
    private readonly routes: RouteTable,
    private readonly logger: PinoLogger,
  ) {
    logger.setContext(ErrorFilter.name);
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const path = requestPath(request);
    const problem = this.problemOf(error, path);
    this.logFailure(problem, request.id);
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
    response.status(problem.status);
    if (this.routes.isOAuthEndpoint(path)) sendOAuthError(response, problem);
    else sendProblem(response, problem, request.id);
  }

  private problemOf(error: unknown, path: string): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof NotFoundException || !isReadable(path)) return this.unmatched(path);
    const status = statusOf(error);
    if (status === 503) return new TemporarilyUnavailable('The service is not ready', 2, error);
    return status < 500 ? refusedByParser(status) : internalError(error);
  }

  /** No handler was found: the path is unknown, or its method is not served (RFC 9110 §15.5.6). */
  private unmatched(path: string): Problem {
    const allowed = this.routes.allowedMethods(path);
    if (allowed.length === 0) {
      return new Problem({ status: 404, code: 'not_found', detail: 'Not Found' });
    }
    return new Problem({
      status: 405,
      code: 'method_not_allowed',
      detail: `Method not allowed; use ${allowed.join(' or ')}`,
      headers: { Allow: allowed.join(', ') },
    });
  }

  private logFailure(problem: Problem, requestId: string): void {
    if (problem.status < 500) return;
    this.logger.error(
      { request_id: requestId, code: problem.code, cause: problem.cause },
      'failure',
    );
  }
}

/** Broken percent-encoding names nothing. */
function isReadable(path: string): boolean {
  try {
    return decodeURIComponent(path) !== '';
  } catch {
    return false;
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}

/** What Express or its body parser refused; their own texts stay inside. */
function refusedByParser(status: number): Problem {
  const known: Record<number, [code: string, detail: string]> = {
    413: ['content_too_large', 'The request body is too large'],
    415: ['unsupported_media_type', 'The request body must be sent without Content-Encoding'],
  };
  const [code, detail] = known[status] ?? ['bad_request', 'The request could not be read'];
  return new Problem({ status, code, detail });
}

function internalError(cause: unknown): Problem {
  return new Problem({ status: 500, code: 'internal_error', detail: 'Internal error', cause });
}

/**
 * At an OAuth endpoint every refusal that RFC 6749 has no word of its own for is an `invalid_request`, but for the one
 * that a client has to tell from a faulty request: 429.
 */
function sendOAuthError(response: Response, { status, code, detail }: Problem): void {
  const isOwnWord = [400, 401, 429, 503].includes(status);
  const error = isOwnWord ? code : status < 500 ? 'invalid_request' : 'server_error';
  response.setHeader('Pragma', 'no-cache');
  response.json({ error, error_description: detail, detail });
}

function sendProblem(response: Response, problem: Problem, requestId: string): void {
  const { status, code, detail, errors } = problem;
  const title = STATUS_CODES[status] ?? 'Error';
  const body = { type: 'about:blank', title, status, detail, code, request_id: requestId, errors };
  response.setHeader('Content-Type', 'application/problem+json');
  response.end(JSON.stringify(body));
}
