import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { MailAllowance } from './mail-allowance.entity.js';
import { MailKinds } from './mail-kinds.js';
import { Outbox } from './outbox.service.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([OutgoingMail, MailAllowance])],
  providers: [MailKinds, Outbox],
  exports: [MailKinds, Outbox],
})
export class MailModule {}
