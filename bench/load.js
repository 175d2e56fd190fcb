import autocannon from 'autocannon';
import { PASSWORD } from './setup.js';

const CONNECTIONS = 32;

/** Reads profiles with many users' tokens over 32 connections, for a `duration` in seconds or an `amount`. */
export function readProfiles(url, tokens, limit) {
  return autocannon({ url, connections: CONNECTIONS, requests: tokens.map(readProfile), ...limit });
}

/** The same, but connections share no token, and each sends all of its own before it repeats one. */
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

/** 32 clients that refresh without pause, each a session of its own, and always with the newest token. */
export function refreshAll(url, tokens, seconds) {
  const unused = [...tokens];
  const setupClient = (client) => client.setRequests([refreshInTurn(unused.pop())]);
  return autocannon({ url, connections: CONNECTIONS, duration: seconds, setupClient });
}

function refreshInTurn(token) {
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token });
  return {
    method: 'POST',
    path: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    setupRequest: (request) => ({ ...request, body: form.toString() }),
    onResponse: (_status, body) => form.set('refresh_token', JSON.parse(body).refresh_token),
  };
}

/** One client, 100 requests a second: what a request takes when nobody else is waiting. */
export function readProfilesGently(url, tokens, seconds) {
  const requests = tokens.map(readProfile);
  return autocannon({ url, connections: 1, overallRate: 100, requests, duration: seconds });
}

/** Requests a second, of those that were answered with 2xx. */
export function rate(result) {
  return result['2xx'] / result.duration;
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
