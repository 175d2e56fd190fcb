import type { Type } from '@nestjs/common';

/**
 * Runs one command's work on a service of the program.
 * @param load imports the service's class: here and not at the top, so that what needs none, like --help, is answered
 *   at once
 */
export async function withService<S, T>(
  load: () => Promise<Type<S>>,
  work: (service: S) => Promise<T>,
): Promise<T> {
  const { openContext } = await import('./service-context.js');
  const context = await openContext();
  try {
    return await work(context.get(await load()));
  } finally {
    await context.close();
  }
}
