import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** 2: server, 3: client. */
  kind: number;
  attributes: Record<string, unknown>;
  /** 2: an error. */
  status: number;
  /** Milliseconds. */
  duration: number;
  resource: Record<string, unknown>;
}

/** A collector that accepts spans by OTLP over HTTP, as protobuf, and keeps them. */
export class OtlpCollector {
  readonly spans: ReceivedSpan[] = [];
  readonly bodies: Buffer[] = [];
  readonly requests: { path: string | undefined; headers: Record<string, unknown> }[] = [];
  /** What it answers; undefined leaves the exporter waiting. */
  status: number | undefined = 200;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<OtlpCollector> {
    const server = createServer();
    const collector = new OtlpCollector(server);
    server.on('request', (request, response) => {
      void buffer(request).then((body) => {
        collector.requests.push({ path: request.url, headers: request.headers });
        collector.bodies.push(body);
        if (collector.status === undefined) return;
        if (collector.status === 200) collector.spans.push(...decodeTraces(body));
        response.writeHead(collector.status).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

type Fields = Map<number, (bigint | Buffer)[]>;

/** The fields of a protobuf message by number (protobuf.dev/programming-guides/encoding). */
function fieldsOf(message: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const value =
      type === 0 ? varint() : type === 2 ? take(Number(varint())) : take(type === 1 ? 8 : 4);
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const all = (fields: Fields, number: number) => (fields.get(number) ?? []) as Buffer[];
const first = (fields: Fields, number: number) => all(fields, number)[0] ?? Buffer.alloc(0);
const numberIn = (fields: Fields, number: number) => Number(fields.get(number)?.[0] ?? 0);

/** ExportTraceServiceRequest of opentelemetry-proto. */
function decodeTraces(body: Buffer): ReceivedSpan[] {
  return all(fieldsOf(body), 1).flatMap((resourceSpans) => {
    const fields = fieldsOf(resourceSpans);
    const resource = attributesOf(all(fieldsOf(first(fields, 1)), 1));
    return all(fields, 2).flatMap((scopeSpans) =>
      all(fieldsOf(scopeSpans), 2).map((span) => ({ ...decodeSpan(fieldsOf(span)), resource })),
    );
  });
}

function decodeSpan(fields: Fields): Omit<ReceivedSpan, 'resource'> {
  const time = (number: number) => Number(first(fields, number).readBigUInt64LE()) / 1e6;
  return {
    traceId: first(fields, 1).toString('hex'),
    spanId: first(fields, 2).toString('hex'),
    parentSpanId: first(fields, 4).toString('hex'),
    name: first(fields, 5).toString(),
    kind: numberIn(fields, 6),
    duration: time(8) - time(7),
    attributes: attributesOf(all(fields, 9)),
    status: numberIn(fieldsOf(first(fields, 15)), 3),
  };
}

function attributesOf(pairs: Buffer[]): Record<string, unknown> {
  const entries = pairs.map((pair): [string, unknown] => {
    const fields = fieldsOf(pair);
    return [first(fields, 1).toString(), valueOf(fieldsOf(first(fields, 2)))];
  });
  return Object.fromEntries(entries);
}

function valueOf(value: Fields): unknown {
  const [[number, [content] = []] = []] = value;
  if (content === undefined) return undefined;
  if (typeof content === 'bigint') return number === 2 ? content === 1n : Number(content);
  return number === 4 ? content.readDoubleLE() : content.toString();
}
