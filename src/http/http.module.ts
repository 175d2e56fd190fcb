import { Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { ErrorFilter } from './error.filter.js';
import { RouteTable } from './route-table.js';

@Module({
  imports: [DiscoveryModule],
  providers: [{ provide: APP_FILTER, useClass: ErrorFilter }, RouteTable],
})
export class HttpModule {}
