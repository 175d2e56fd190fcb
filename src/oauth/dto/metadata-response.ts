import { ApiProperty } from '@nestjs/swagger';

/** RFC 8414 §2. */
export class MetadataResponse {
  @ApiProperty({ type: String, description: 'Exactly as configured' })
  issuer!: string;

  @ApiProperty({ type: String })
  token_endpoint!: string;

  @ApiProperty({ type: String })
  revocation_endpoint!: string;

  @ApiProperty({ type: String })
  introspection_endpoint!: string;

  @ApiProperty({ type: String, description: 'Where ended sessions are listed' })
  revocation_feed_endpoint!: string;

  @ApiProperty({ type: String })
  jwks_uri!: string;

  @ApiProperty({ type: String, required: false, description: 'Where DOCS_ENABLED says so' })
  service_documentation?: string;

  @ApiProperty({ type: [String] })
  scopes_supported!: string[];

  @ApiProperty({ type: [String], description: 'None: there is no authorization endpoint' })
  response_types_supported!: string[];

  @ApiProperty({ type: [String] })
  grant_types_supported!: string[];

  @ApiProperty({ type: [String] })
  token_endpoint_auth_methods_supported!: string[];

  @ApiProperty({ type: [String] })
  revocation_endpoint_auth_methods_supported!: string[];

  @ApiProperty({ type: [String] })
  introspection_endpoint_auth_methods_supported!: string[];
}
