import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { MailAllowance } from './mail-allowance.entity.js';
import { HOUR_MS, MailAllowances } from './mail-allowances.service.js';
import { MailKindRegistry } from './mail-kind-registry.js';
import { MailLinks } from './mail-links.js';
import { Outbox } from './outbox.service.js';
import { OutgoingMail } from './outgoing-mail.entity.js';

/** What other modules need to have mail sent. The sending itself is `MailSendingModule`. */
@Module({
  imports: [TypeOrmModule.forFeature([OutgoingMail, MailAllowance])],
  providers: [MailKindRegistry, Outbox, MailLinks, MailAllowances],
  exports: [MailKindRegistry, Outbox, MailLinks, MailAllowances],
})
export class MailModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(MailAllowance) rows: Repository<MailAllowance>,
  ) {
    expiring.register({ rows, key: 'addressKey', time: 'lastAt', kept: HOUR_MS });
  }
}
