import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Tracing } from './tracing.js';
import { TRACING, tracingProvider } from './tracing-provider.js';

@Module({ providers: [tracingProvider] })
export class TracingModule implements OnApplicationShutdown {
  constructor(@Inject(TRACING) private readonly tracing: Tracing | null) {}

  /** The last spans are those of the requests that were in flight. */
  async onApplicationShutdown(): Promise<void> {
    await this.tracing?.shutdown();
  }
}
