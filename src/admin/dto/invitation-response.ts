import { ApiProperty } from '@nestjs/swagger';

/** A single-use invitation to sign up, where `REGISTRATION` is `invite`. */
export class InvitationResponse {
  @ApiProperty({ type: String, description: 'It is shown this once' })
  invitation!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2030-01-08T00:00:00.000Z' })
  expires_at!: string;
}
