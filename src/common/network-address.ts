import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * An address as the socket or a proxy reports it, without a port (`192.0.2.1:4711`, `[2001:db8::1]:4711`) and a zone
 * (`fe80::1%eth0`).
 * @returns undefined for anything but an address
 */
export function plainAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const host = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? /^([\d.]+):\d{1,5}$/.exec(text);
  const [address = ''] = (host?.[1] ?? text).split('%');
  return isIP(address) === 0 ? undefined : address;
}

/**
 * Whose address it is: IPv6 by the /64 that one subscriber has at least, IPv4 as it is, also where it is written as
 * IPv6 (RFC 4291 §2.5.5.2).
 * @returns undefined for anything but an address
 */
export function networkOf(text: string | undefined): string | undefined {
  const address = plainAddress(text);
  if (address === undefined) return undefined;
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return parsed.toString();
  const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16));
  return `${prefix.join(':')}::/64`;
}
