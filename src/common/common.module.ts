import { Global, Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { Clock, SystemClock } from './clock.js';
import { ErrorFilter } from './error.filter.js';
import { RouteTable } from './route-table.js';
import { SecurityLog } from './security-log.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: Clock, useClass: SystemClock },
    { provide: APP_FILTER, useClass: ErrorFilter },
    RouteTable,
    SecurityLog,
  ],
  exports: [Clock, SecurityLog],
})
export class CommonModule {}
