import type { AuthModuleOptions } from '@nestjs/passport';
import { PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import passport from 'passport';

/** Passport's registry is one for the whole process: the last app in it would get the requests of them all. */
const NO_REGISTRY = { use: () => undefined } as unknown as typeof passport;

/** A strategy of passport's that looks at the request itself, and that no registry knows. */
export abstract class RequestStrategy extends PassportStrategy(passport.Strategy) {
  /** @returns the user @throws what the request is refused with */
  abstract override validate(request: Request): Promise<object>;

  override authenticate(request: Request): void {
    this.validate(request).then(
      (user) => this.success(user),
      (error: unknown) => this.error(error),
    );
  }

  /** The mixin asks for it, and its types do not tell. */
  getPassportInstance(): typeof passport {
    return NO_REGISTRY;
  }
}

/**
 * The options of an `AuthGuard()` for this strategy itself, instead of a name in the registry. Passport hangs a
 * request's callbacks on what it is given, so each request gets an heir of the strategy.
 */
export function guardedBy(strategy: RequestStrategy): AuthModuleOptions {
  return {
    get defaultStrategy() {
      return Object.create(strategy) as string;
    },
  };
}
