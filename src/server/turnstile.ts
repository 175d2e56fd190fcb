import type { NextFunction, Request, Response } from 'express';

/** How many requests are let in at each turn of the event loop: a few milliseconds of work. */
const AT_ONCE = 4;

/**
 * Lets costly requests in a few at each turn of the event loop, in order. A flood of them arrives in one turn, and
 * anything else that arrives would wait until each was processed, even if only to be refused. So it waits for a few.
 */
export function turnstile(isCostly: (request: Request) => boolean, atOnce = AT_ONCE) {
  const line: (() => void)[] = [];
  let admitted = 0;
  const admit = (next: () => void) => {
    if (admitted++ === 0) setImmediate(turn);
    next();
  };
  const turn = () => {
    admitted = 0;
    for (const next of line.splice(0, atOnce)) admit(next);
  };
  return (request: Request, response: Response, next: NextFunction): void => {
    if (!isCostly(request)) next();
    else if (admitted < atOnce && line.length === 0) admit(next);
    else {
      line.push(() => {
        // Nothing is done for a client that has gone meanwhile.
        if (!response.closed) next();
      });
    }
  };
}
