import { describe, expect, it } from '@jest/globals';
import { networkOf, plainAddress } from './network-address.js';

describe('plainAddress', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:4711', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
  ])('reads %s', (text, address) => {
    expect(plainAddress(text)).toBe(address);
  });

  it.each([
    undefined,
    '',
    'unknown',
    '_hidden',
    '1',
    '0x7f.1',
    '192.0.2',
    '192.0.2.1:x',
    '%',
    '[]:1',
    '::1:99999x',
  ])('does not take %s for an address', (text) => {
    expect(plainAddress(text)).toBeUndefined();
  });
});

describe('networkOf', () => {
  it('takes an IPv4 address as it is, also where it is written as IPv6', () => {
    const spellings = ['192.0.2.1', '::ffff:192.0.2.1', '::ffff:c000:201', '::FFFF:192.0.2.1'];
    expect(new Set(spellings.map(networkOf))).toEqual(new Set(['192.0.2.1']));
  });

  it('takes the /64 of an IPv6 address', () => {
    const same = ['2001:db8:0:1::1', '2001:DB8:0:1:ffff:ffff:ffff:ffff', '[2001:db8:0:1::9]:80'];
    expect(new Set(same.map(networkOf))).toEqual(new Set(['2001:db8:0:1::/64']));
    expect(networkOf('2001:db8:0:2::1')).toBe('2001:db8:0:2::/64');
    expect(networkOf('fe80::1%eth0')).toBe(networkOf('fe80::2%eth1'));
    expect(networkOf('::1')).toBe('0:0:0:0::/64');
  });

  it('is undefined for what is no address', () => {
    expect(networkOf('unknown')).toBeUndefined();
    expect(networkOf(undefined)).toBeUndefined();
  });
});
