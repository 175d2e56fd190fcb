import { Module } from '@nestjs/common';
import { MailModule } from '../mail/mail.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { metricsProvider } from './metrics-provider.js';
import { MetricsListener } from './metrics-listener.service.js';

@Module({
  imports: [MailModule, SessionsModule],
  providers: [metricsProvider, MetricsListener],
})
export class MetricsModule {}
