import { Global, Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { Clock, SystemClock } from './clock.js';
import { ErrorFilter } from './error.filter.js';
import { RouteTable } from './route-table.js';
import { SecurityLog } from './security-log.js';
import { Watch } from './watch.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: APP_FILTER, useClass: ErrorFilter },
    RouteTable,
    SecurityLog,
    Watch,
  ],
  exports: [Clock, SecurityLog, Watch],
})
export class CommonModule {}
