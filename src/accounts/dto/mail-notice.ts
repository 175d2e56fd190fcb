import { ApiProperty } from '@nestjs/swagger';

/** The same for every caller: only the owner of an address may learn that it is registered. */
export class MailNotice {
  @ApiProperty({ type: String, example: 'If the address is right, a mail is on its way' })
  detail!: string;

  static readonly SENT: MailNotice = { detail: 'If the address is right, a mail is on its way' };
}
