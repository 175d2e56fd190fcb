/**
 * The message of an error. An `AggregateError` may have none itself: Node's for a host name of which no
 * address answers, for example.
 */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(messageOf))].join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
