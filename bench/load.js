import autocannon from 'autocannon';
import { PASSWORD } from './setup.js';

const CONNECTIONS = 32;

/** Reads profiles with many users' tokens over 32 connections, for a `duration` in seconds or an `amount`. */
export function readProfiles(url, tokens, limit) {
  return autocannon({ url, connections: CONNECTIONS, requests: tokens.map(readProfile), ...limit });
}

/** The same, but no token is sent by two connections, and by none twice before it has sent all of its own. */
export function readProfilesInTurn(url, tokens, limit) {
  const share = Math.floor(tokens.length / CONNECTIONS);
  let next = 0;
  const setupClient = (client) => {
    client.setRequests(tokens.slice(next, next + share).map(readProfile));
    next += share;
  };
  return autocannon({ url, connections: CONNECTIONS, setupClient, ...limit });
}

function readProfile(token) {
  return { method: 'GET', path: '/users/me', headers: { authorization: `Bearer ${token}` } };
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
