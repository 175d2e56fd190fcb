import { Global, Module } from '@nestjs/common';
import { Clock, SystemClock } from './clock.js';
import { Instrumentation } from './instrumentation.js';

@Global()
@Module({
  providers: [{ provide: Clock, useClass: SystemClock }, Instrumentation],
  exports: [Clock, Instrumentation],
})
export class CommonModule {}
