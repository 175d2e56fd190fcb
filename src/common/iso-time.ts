/** ISO 8601, UTC. @param time milliseconds since the epoch; null, which stays null, for one that was not noted */
export function isoTime(time: number): string;
export function isoTime(time: number | null): string | null;
export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
