/** ISO 8601, and as databases write it: with a space for the T, a zone of hours alone, or none, which is UTC. */
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(\.\d{1,9})?(?:(Z)|([+-]\d\d)(?::?(\d\d))?)?$/;

/** @returns milliseconds since the epoch; undefined for anything but a time since then */
export function timeOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = TIME.exec(text);
  if (!parts) return undefined;
  const [, date, time, fraction = '', , hours, minutes = '00'] = parts;
  const zone = hours === undefined ? 'Z' : `${hours}:${minutes}`;
  const milliseconds = Date.parse(`${date}T${time}${fraction.slice(0, 4)}${zone}`);
  return milliseconds >= 0 ? milliseconds : undefined;
}
