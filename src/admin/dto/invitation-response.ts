import { ApiProperty } from '@nestjs/swagger';

/** What lets somebody sign up where `REGISTRATION` is `invite`, once. */
export class InvitationResponse {
  @ApiProperty({ type: String, description: 'It is shown this once' })
  invitation!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2030-01-08T00:00:00.000Z' })
  expires_at!: string;
}
