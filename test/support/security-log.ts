import type { ServiceProcess } from './processes.js';
import { until } from './until.js';

type Line = Record<string, unknown>;

/** The security events of requests, in their order, once each request is logged. */
export async function eventsOf(service: ServiceProcess, ...answers: Response[]): Promise<Line[]> {
  const events: Line[] = [];
  for (const { headers } of answers) {
    const id = headers.get('X-Request-Id');
    const lines = await until(() => {
      const logged = service.log.filter(({ request_id }) => request_id === id);
      return logged.some(({ msg }) => msg === 'request') && logged;
    });
    events.push(...lines.filter((line) => 'event' in line));
  }
  return events;
}
