import { Agent, type IncomingHttpHeaders, request } from 'node:http';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** A client that holds on to one connection, and so to one of several workers behind a port. */
export class KeepAliveClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  get(path: string, token?: string): Promise<Answer> {
    return this.send('GET', path, token === undefined ? {} : { Authorization: `Bearer ${token}` });
  }

  post(path: string, form: Record<string, string>): Promise<Answer> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return this.send('POST', path, headers, new URLSearchParams(form).toString());
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { method, headers, agent: this.agent };
      const sent = request(`${this.url}${path}`, options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: Number(response.statusCode), headers: response.headers, text }),
        );
      });
      sent.on('error', reject).end(body);
    });
  }
}
