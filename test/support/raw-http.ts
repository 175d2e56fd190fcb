import { connect } from 'node:net';

/** Sends bytes as they are, and returns all that comes back until the server closes or `idle` ms pass without any. */
export function sendRaw(port: number, bytes: string | Buffer, idle = 2_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(idle, () => socket.destroy());
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}
