import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

const agent = new Agent({ keepAlive: true });

/**
 * Sends one request, and reports the outcome. Never rejects: a failure has the status 0.
 * @param options method, token, form, json, headers, timeout in milliseconds, agent
 * @returns status, headers, text, json(), ms it took, and the error there was
 */
export async function send(url, options = {}) {
  const answer = await sendOnce(url, options);
  // The server closed the connection while it was unused: nothing was done, and every client retries it.
  return answer.isStale ? sendOnce(url, options) : answer;
}

function sendOnce(url, options) {
  const { token, form, json, timeout = 30_000 } = options;
  const body =
    form !== undefined ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const headers = {
    ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    ...(form !== undefined && { 'Content-Type': 'application/x-www-form-urlencoded' }),
    ...(json !== undefined && { 'Content-Type': 'application/json' }),
    ...(body !== undefined && { 'Content-Length': Buffer.byteLength(body) }),
    ...options.headers,
  };
  const method = options.method ?? (body === undefined ? 'GET' : 'POST');
  const begin = performance.now();
  return new Promise((resolve) => {
    const settle = (result) => {
      clearTimeout(timer);
      resolve({ status: 0, headers: {}, text: '', ...result, ms: performance.now() - begin });
    };
    const sent = request(url, { method, headers, agent: options.agent ?? agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece) => (text += piece));
      response.on('end', () =>
        settle({
          status: response.statusCode,
          headers: response.headers,
          text,
          json: () => JSON.parse(text),
        }),
      );
      response.on('error', (error) => settle({ error }));
    });
    const timer = setTimeout(() => sent.destroy(new Error('No answer in time')), timeout);
    sent.on('error', (error) =>
      settle({ error, isStale: sent.reusedSocket && error.code === 'ECONNRESET' }),
    );
    sent.end(body);
  });
}

export const readProfile = (url, token, options) => send(`${url}/users/me`, { token, ...options });

export const logIn = (url, username, password, options) =>
  send(`${url}/token`, { form: { username, password }, ...options });

export const refresh = (url, refresh_token, options) =>
  send(`${url}/token`, { form: { grant_type: 'refresh_token', refresh_token }, ...options });

export const revoke = (url, token, options) =>
  send(`${url}/revoke`, { form: { token }, ...options });

export const isUnavailable = ({ status, headers }) =>
  status === 503 && Number(headers['retry-after']) > 0;
