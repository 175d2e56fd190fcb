import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { metricsProvider } from './metrics-provider.js';
import { MetricsServer } from './metrics-server.js';

@Module({
  imports: [MailModule, SessionsModule],
  providers: [metricsProvider, MetricsServer],
})
export class MetricsModule {}
