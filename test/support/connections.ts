import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from './until.js';

/** Whether nothing listens there any more. */
export const isRefused = (url: string) =>
  fetch(`${url}/health/live`, { headers: { Connection: 'close' } }).then(
    () => false,
    () => true,
  );

/** A connection on which one request was answered, and that is idle. */
export async function idleConnection(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  const request = () => socket.write('GET /health/live HTTP/1.1\r\nHost: latchkey\r\n\r\n');
  const answers = () => received.match(/HTTP\/1\.1 .*/g) ?? [];
  request();
  await until(() => answers().length === 1);
  return { socket, closed, request, answers, text: () => received };
}
