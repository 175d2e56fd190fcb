import { ApiProperty } from '@nestjs/swagger';

export class RevokedSession {
  @ApiProperty({ type: String, example: 'kT3fXo0Zp8cQ1vW6yRb2Nw' })
  sid!: string;

  @ApiProperty({
    type: 'integer',
    description: 'When the last access token of the session expires: forget it then',
    example: 1_893_457_800,
  })
  exp!: number;
}

export class RevocationList {
  @ApiProperty({ type: String, description: 'To be sent as `since` the next time', example: '42' })
  cursor!: string;

  @ApiProperty({ type: [RevokedSession] })
  revoked!: RevokedSession[];
}
