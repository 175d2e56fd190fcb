import { ApiProperty } from '@nestjs/swagger';

/** A public key (RFC 7517 §4). */
class JwkBody {
  @ApiProperty({ type: String, enum: ['RSA', 'EC'], example: 'EC' })
  kty!: string;

  @ApiProperty({ type: String, description: 'The thumbprint of the key (RFC 7638)' })
  kid!: string;

  @ApiProperty({ type: String, enum: ['sig'] })
  use!: 'sig';

  @ApiProperty({ type: String, enum: ['RS256', 'PS256', 'ES256'], example: 'ES256' })
  alg!: string;

  @ApiProperty({ type: String, required: false, description: 'RSA: the modulus' })
  n?: string;

  @ApiProperty({ type: String, required: false, description: 'RSA: the exponent' })
  e?: string;

  @ApiProperty({ type: String, required: false, description: 'EC: the curve', example: 'P-256' })
  crv?: string;

  @ApiProperty({ type: String, required: false, description: 'EC: the point' })
  x?: string;

  @ApiProperty({ type: String, required: false, description: 'EC: the point' })
  y?: string;
}

/** RFC 7517 §5. */
export class JwksResponse {
  @ApiProperty({ type: [JwkBody] })
  keys!: JwkBody[];
}
