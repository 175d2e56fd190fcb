import { Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { match, type MatchFunction } from 'path-to-regexp';
import { IS_OAUTH_ENDPOINT } from './oauth-endpoint.decorator.js';

interface Route {
  matches: MatchFunction<object>;
  method: string;
  isOAuth: boolean;
}

/** What the controllers serve: tells an unknown path from a wrong method, and an OAuth endpoint from the rest. */
@Injectable()
export class RouteTable {
  private routes: Route[] | undefined;

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  /** The methods a path is served under, HEAD beside GET; empty for an unknown path. */
  allowedMethods(path: string): string[] {
    const methods = this.of(path).map((route) => route.method);
    return methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  }

  isOAuthEndpoint(path: string): boolean {
    return this.of(path).some((route) => route.isOAuth);
  }

  private of(path: string): Route[] {
    this.routes ??= this.collect();
    return this.routes.filter((route) => matchesSafely(route, path));
  }

  private collect(): Route[] {
    return this.discovery.getControllers().flatMap(({ instance }) => {
      const controller = instance as object;
      const prototype = Object.getPrototypeOf(controller) as Record<string, object>;
      const base = String(Reflect.getMetadata(PATH_METADATA, controller.constructor) ?? '');
      return this.scanner.getAllMethodNames(prototype).flatMap((name) => {
        const handler = prototype[name];
        const method: unknown = handler && Reflect.getMetadata(METHOD_METADATA, handler);
        if (!handler || method === undefined) return [];
        const path = [base, String(Reflect.getMetadata(PATH_METADATA, handler))];
        return {
          matches: match(joinPath(path), { sensitive: true }),
          method: String(RequestMethod[Number(method)]),
          isOAuth: Reflect.getMetadata(IS_OAUTH_ENDPOINT, handler) === true,
        };
      });
    });
  }
}

function joinPath(segments: string[]): string {
  return `/${segments.join('/').split('/').filter(Boolean).join('/')}`;
}

/** A path with broken percent-encoding matches nothing. */
function matchesSafely(route: Route, path: string): boolean {
  try {
    return route.matches(path) !== false;
  } catch {
    return false;
  }
}
