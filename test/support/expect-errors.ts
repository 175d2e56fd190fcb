import { expect } from '@jest/globals';

const PRINTABLE = /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/;

/** What every answer of an OAuth endpoint has (RFC 6749 §5.1), and what none has. */
export function expectOAuthHeaders({ headers }: Response): void {
  expect(headers.get('content-type')).toMatch(/^application\/json\b/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('pragma')).toBe('no-cache');
  expect(headers.has('etag')).toBe(false);
  expect(headers.has('x-powered-by')).toBe(false);
}

/** Checks for an error of RFC 6749 §5.2 with the tutorial's `detail`. @returns its description */
export async function expectOAuthError(
  response: Response,
  status: number,
  error: string,
): Promise<string> {
  const body = (await response.json()) as Record<string, string>;
  const description = body.error_description ?? '';
  expect({ status: response.status, body }).toEqual({
    status,
    body: { error, error_description: expect.stringMatching(PRINTABLE), detail: description },
  });
  expectOAuthHeaders(response);
  return description;
}

/** Checks for the answer of a path that is served under GET alone, to another method. */
export function expectGetOnly(response: Response): Promise<void> {
  return expectMethods(response, 'GET', 'HEAD');
}

/** Checks for the answer of a path to a method that it is not served under. */
export async function expectMethods(response: Response, ...methods: string[]): Promise<void> {
  expect(response.headers.get('allow')).toBe(methods.join(', '));
  await expectProblem(response, {
    status: 405,
    title: 'Method Not Allowed',
    code: 'method_not_allowed',
    detail: `Method not allowed; use ${methods.join(' or ')}`,
  });
}

interface ExpectedProblem {
  status: number;
  title: string;
  code: string;
  detail: string;
}

/** Checks for problem details (RFC 9457) with exactly these members, in their order. */
export async function expectProblem(response: Response, expected: ExpectedProblem): Promise<void> {
  const text = await response.text();
  const { title, status, detail, code } = expected;
  const request_id = response.headers.get('x-request-id');
  expect(request_id).toMatch(/^[\da-f-]{36}$/);
  expect(text).toBe(
    JSON.stringify({ type: 'about:blank', title, status, detail, code, request_id }),
  );
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.has('x-powered-by')).toBe(false);
}
