import type { TestApp } from './create-test-app.js';
import { sendRaw } from './raw-http.js';

/** Sends a request that fetch would not send, line by line, and parses the response as fetch would. */
export async function requestRaw(
  { port }: TestApp,
  lines: string[],
  body: string | Buffer = '',
): Promise<Response> {
  const head = [...lines, 'Host: latchkey.test', 'Connection: close', '', ''].join('\r\n');
  return parse(
    await sendRaw(port, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body)])),
  );
}

function parse(answer: string): Response {
  const end = answer.indexOf('\r\n\r\n');
  const [statusLine = '', ...fields] = answer.slice(0, end).split('\r\n');
  const headers = fields.map((field): [string, string] => {
    const colon = field.indexOf(':');
    return [field.slice(0, colon), field.slice(colon + 1).trim()];
  });
  const body = Buffer.from(answer.slice(end + 4), 'latin1');
  return new Response(body, { status: Number(statusLine.split(' ')[1]), headers });
}
