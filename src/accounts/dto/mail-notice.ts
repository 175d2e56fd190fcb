import { ApiProperty } from '@nestjs/swagger';

/** The same to everybody: whether there is such an address is for its owner to know. */
export class MailNotice {
  @ApiProperty({ type: String, example: 'If the address is right, a mail is on its way' })
  detail!: string;

  static readonly SENT: MailNotice = { detail: 'If the address is right, a mail is on its way' };
}
