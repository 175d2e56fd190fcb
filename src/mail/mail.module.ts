import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MailAllowance } from './mail-allowance.entity.js';
import { MailKinds } from './mail-kinds.js';
import { MailLinks } from './mail-links.js';
import { Outbox } from './outbox.service.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([OutgoingMail, MailAllowance])],
  providers: [MailKinds, MailLinks, Outbox],
  exports: [MailKinds, MailLinks, Outbox],
})
export class MailModule {}
