import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type ReadableSpan,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { productVersion } from '../common/version.js';
import { Tracing } from './tracing.js';

/**
 * Sets OpenTelemetry up. Where spans go, how many, and what the service is called there, the SDK reads from its own
 * variables.
 * @param onFailure called once, when spans could not be delivered for the first time
 */
export function startTracing(
  database: 'sqlite' | 'postgresql',
  onFailure: (error: Error) => void,
): Tracing {
  const version = productVersion();
  const own = { 'service.name': 'latchkey', 'service.version': version };
  const resource = defaultResource()
    .merge(resourceFromAttributes(own))
    .merge(detectResources({ detectors: [envDetector] }));
  const exporter = new ToldOnce(new OTLPTraceExporter(), onFailure);
  const provider = new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  provider.register();
  return new Tracing(provider, database, version);
}

type Exported = Parameters<SpanExporter['export']>[1];

/** A collector that is down for a night is one line in the log. */
class ToldOnce implements SpanExporter {
  private isTold = false;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly onFailure: (error: Error) => void,
  ) {}

  export(spans: ReadableSpan[], done: Exported): void {
    this.exporter.export(spans, (result) => {
      if (result.error && !this.isTold) {
        this.isTold = true;
        this.onFailure(result.error);
      }
      done(result);
    });
  }

  forceFlush(): Promise<void> {
    return this.exporter.forceFlush?.() ?? Promise.resolve();
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }
}
