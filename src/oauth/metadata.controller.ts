import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../http/public.decorator.js';
import type { MetadataResponse } from './dto/metadata-response.js';
import { ApiReadMetadata } from './metadata.docs.js';
import { MetadataService } from './metadata.service.js';

@ApiTags('services')
@Controller()
export class MetadataController {
  constructor(private readonly metadata: MetadataService) {}

  @Get('.well-known/oauth-authorization-server')
  @Public()
  @ApiReadMetadata()
  readMetadata(): MetadataResponse {
    return this.metadata.describe();
  }
}
