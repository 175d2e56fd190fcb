type Form = Record<string, string> | string;

export const URLENCODED = 'application/x-www-form-urlencoded';

/** Sends a form to an endpoint of a service, field by field or as it is. */
export function postForm(
  { url }: { url: string },
  path: string,
  form: Form,
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams(form).toString();
  return fetch(url + path, {
    method: 'POST',
    body: typeof form === 'string' ? form : body,
    headers: { 'Content-Type': URLENCODED, ...headers },
  });
}

/** HTTP Basic as in RFC 6749 §2.3.1, for values that need no percent-encoding. */
export function basic(id: string, secret: string): Record<string, string> {
  return { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
}
