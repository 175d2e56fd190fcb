import { type AuthModuleOptions, PassportStrategy } from '@nestjs/passport';
import type { Request } from 'express';
import passport from 'passport';

/** Passport's registry is one for the whole process: the last app in it would get the requests of them all. */
const NO_REGISTRY = { use: () => undefined } as unknown as typeof passport;

/** A strategy of passport's that looks at the request itself, and that no registry knows. */
export abstract class RequestStrategy extends PassportStrategy(passport.Strategy) {
  /** @returns the user @throws what the request is refused with */
  abstract override validate(request: Request): Promise<object>;

  /**
   * Passport leaves the callbacks of a request on the strategy and calls this in the same turn of the event loop: they
   * are taken at once, before those of the next request are there.
   */
  override authenticate(request: Request): void {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- passport's closures, which have no `this`
    const { success, error } = this;
    this.validate(request).then(
      (user) => success(user),
      (reason: unknown) => error(reason),
    );
  }

  /** The mixin asks for it, and its types do not tell. */
  getPassportInstance(): typeof passport {
    return NO_REGISTRY;
  }
}

/** The options of an `AuthGuard()` for this strategy itself, instead of a name in the registry. */
export function guardedBy(strategy: RequestStrategy): AuthModuleOptions {
  return { defaultStrategy: strategy as unknown as string };
}
