import { Problem } from '../http/problem.js';

/** Also for the right password: an attacker learns nothing. */
export class TooManyAttempts extends Problem {
  /** @param wait milliseconds */
  constructor(wait: number) {
    super({
      status: 429,
      code: 'too_many_attempts',
      detail: 'Too many attempts; try again later',
      headers: { 'Retry-After': String(Math.max(1, Math.ceil(wait / 1000))) },
    });
  }
}
