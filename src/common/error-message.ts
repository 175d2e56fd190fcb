/**
 * What an error says. One that stands for several says nothing itself: Node's for a host name of which no
 * address answers, for one.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(messageOf))].join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
