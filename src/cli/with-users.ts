import type { UsersService } from '../users/users.service.js';

/** Runs one command's work on the users of the service. */
export async function withUsers<T>(work: (users: UsersService) => Promise<T>): Promise<T> {
  // Loaded here and not above: what needs no users, like --help, is answered at once.
  const { openContext, usersOf } = await import('./users-context.js');
  const context = await openContext();
  try {
    return await work(usersOf(context));
  } finally {
    await context.close();
  }
}
