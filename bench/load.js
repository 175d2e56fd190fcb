import autocannon from 'autocannon';
import { PASSWORD } from './setup.js';

/** Reads profiles with many users' tokens over 32 connections, for a `duration` in seconds or an `amount`. */
export function readProfiles(url, tokens, limit) {
  const requests = tokens.map((token) => ({
    method: 'GET',
    path: '/users/me',
    headers: { authorization: `Bearer ${token}` },
  }));
  return autocannon({ url, connections: 32, requests, ...limit });
}

/** 16 clients that log in without pause. */
export function logIn(url, seconds) {
  return autocannon({
    url: `${url}/token`,
    method: 'POST',
    connections: 16,
    duration: seconds,
    timeout: 30,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username: 'user1', password: PASSWORD }).toString(),
  });
}

/** Requests a second, of those that were answered with 2xx. */
export function rate(result) {
  return result['2xx'] / result.duration;
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
