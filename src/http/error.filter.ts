import { Catch, HttpException, NotFoundException } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { PinoLogger } from 'nestjs-pino';
import { OAuthErrorBody, ProblemBody } from './error-bodies.js';
import { Problem } from './problem.js';
import {
  ContentTooLarge,
  EncodedContent,
  InternalError,
  MethodNotAllowed,
  NotReady,
  UnknownPath,
  UnreadableRequest,
} from './request-errors.js';
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
    logger.setContext('ErrorFilter');
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
    if (status === 503) return new NotReady(error);
    return status < 500 ? refusedByParser(status) : new InternalError(error);
  }

  /** No handler was found: the path is unknown, or its method is not served. */
  private unmatched(path: string): Problem {
    const allowed = this.routes.allowedMethods(path);
    return allowed.length === 0 ? new UnknownPath() : new MethodNotAllowed(allowed);
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
  if (status === 413) return new ContentTooLarge();
  return status === 415 ? new EncodedContent() : new UnreadableRequest(status);
}

function sendOAuthError(response: Response, problem: Problem): void {
  response.setHeader('Pragma', 'no-cache');
  response.json(OAuthErrorBody.of(problem));
}

function sendProblem(response: Response, problem: Problem, requestId: string): void {
  response.setHeader('Content-Type', 'application/problem+json');
  response.end(JSON.stringify(ProblemBody.of(problem, requestId)));
}
