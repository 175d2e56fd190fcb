import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import { asDelivered, type DeliveredMail } from './delivered-mail.js';
import { until } from './until.js';

/** A message that the server accepted. */
export interface ReceivedMail extends DeliveredMail {
  headers: Email['headers'];
  raw: string;
  from: string;
  isSecure: boolean;
  user: unknown;
}

/** At which stage the server refuses, with which code. */
interface Refusals {
  greeting?: number;
  sender?: number;
  recipient?: number;
  data?: number;
}

type Done = (error?: Error | null) => void;

/** A real SMTP server on this machine, which can misbehave like others. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  refusals: Refusals = {};
  /** Cuts the connection while a message comes in. */
  isDropping = false;
  connections = 0;
  /** Messages that wait for `release`. */
  held = 0;
  private isHolding = false;
  private server: SMTPServer | undefined;

  private constructor(
    private readonly options: SMTPServerOptions,
    private port = 0,
  ) {}

  /** @param options of smtp-server; without any it offers neither TLS nor a login */
  static async start(options?: SMTPServerOptions): Promise<MailServer> {
    const server = new MailServer(options ?? { disabledCommands: ['STARTTLS', 'AUTH'] });
    await server.startAgain();
    return server;
  }

  get url(): string {
    return this.urlAt('127.0.0.1');
  }

  /** @param credentials `user:password@`, percent-encoded */
  urlAt(host: string, credentials = ''): string {
    return `smtp://${credentials}${host}:${this.port}`;
  }

  /** Resets it to its initial state, without mail. */
  reset(): void {
    this.mails.length = 0;
    this.refusals = {};
    this.isDropping = false;
    this.connections = 0;
    this.release();
  }

  hold(): void {
    this.isHolding = true;
  }

  release(): void {
    this.isHolding = false;
  }

  /** Cuts open connections, and refuses new ones. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    this.release();
    this.cutAll(server);
    await new Promise<void>((closed) => server.close(closed));
  }

  /** Listens again on the same port. */
  async startAgain(): Promise<void> {
    const server = new SMTPServer({
      logger: false,
      disableReverseLookup: true,
      authOptional: true,
      onConnect: (_session, done) => {
        this.connections += 1;
        done(refusal(this.refusals.greeting));
      },
      onMailFrom: (_address, _session, done) => done(refusal(this.refusals.sender)),
      onRcptTo: (_address, _session, done) => done(refusal(this.refusals.recipient)),
      onData: (stream, session, done) => void this.take(server, stream, session, done),
      ...this.options,
    });
    // Clients that disconnect in the middle are part of the tests.
    server.on('error', () => undefined);
    server.listen(this.port, '0.0.0.0');
    await once(server.server, 'listening');
    this.port = (server.server.address() as { port: number }).port;
    this.server = server;
  }

  private async take(
    server: SMTPServer,
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: Done,
  ): Promise<void> {
    const raw = await buffer(stream);
    if (this.isDropping) {
      this.cutAll(server);
      return;
    }
    if (this.isHolding) await this.untilReleased();
    const error = refusal(this.refusals.data);
    if (error === null) this.mails.push(await receivedMail(raw, session));
    done(error);
  }

  private async untilReleased(): Promise<void> {
    this.held += 1;
    await until(() => !this.isHolding);
    this.held -= 1;
  }

  private cutAll(server: SMTPServer): void {
    for (const { _socket } of server.connections) _socket.destroy();
  }
}

function refusal(responseCode: number | undefined): Error | null {
  if (responseCode === undefined) return null;
  // A server's reason may name the recipient, and quote the message.
  const reason = 'alex@example.com said https://app.example.com/#token=quoted';
  return Object.assign(new Error(reason), { responseCode });
}

async function receivedMail(raw: Buffer, session: SMTPServerSession): Promise<ReceivedMail> {
  const email = await PostalMime.parse(raw);
  const { mailFrom } = session.envelope;
  return {
    ...asDelivered(email),
    to: session.envelope.rcptTo.map(({ address }) => address).join(),
    headers: email.headers,
    raw: raw.toString(),
    from: mailFrom === false ? '' : mailFrom.address,
    isSecure: session.secure,
    user: session.user as unknown,
  };
}
