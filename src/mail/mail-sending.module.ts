import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DeliveryAttempt } from './delivery-attempt.js';
import { DueMails } from './due-mails.js';
import { OutboxPoller } from './outbox-poller.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import { MailModule } from './mail.module.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

/** Sends what is in the outbox: in the service, and not in the command line. */
@Module({
  imports: [TypeOrmModule.forFeature([OutgoingMail]), MailModule],
  providers: [DueMails, MailTemplates, MailTransport, DeliveryAttempt, OutboxPoller],
})
export class MailSendingModule {}
