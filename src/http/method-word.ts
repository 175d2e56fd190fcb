const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The method; or for one that the service has no use for OpenTelemetry's word, so that there are few. */
export function methodWord(method: string): string {
  return METHODS.includes(method) ? method : '_OTHER';
}
