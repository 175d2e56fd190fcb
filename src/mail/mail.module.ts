import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MailAllowance } from './mail-allowance.entity.js';
import { MailAllowances } from './mail-allowances.service.js';
import { MailDelivery } from './mail-delivery.service.js';
import { MailKinds } from './mail-kinds.js';
import { MailLinks } from './mail-links.js';
import { MailQueue } from './mail-queue.service.js';
import { MailTemplates } from './mail-templates.js';
import { MailTransport } from './mail-transport.js';
import { Outbox } from './outbox.service.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([OutgoingMail, MailAllowance])],
  providers: [
    MailKinds,
    Outbox,
    MailLinks,
    MailQueue,
    MailAllowances,
    MailTemplates,
    MailTransport,
    MailDelivery,
  ],
  exports: [
    MailKinds,
    Outbox,
    MailLinks,
    MailQueue,
    MailAllowances,
    MailTemplates,
    MailTransport,
    MailDelivery,
  ],
})
export class MailModule {}
