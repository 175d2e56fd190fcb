import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Public } from '../http/public.decorator.js';
import { KeyRing } from '../tokens/key-ring.js';
import { JwksResponse } from './dto/jwks.js';
import { ApiReadKeys } from './jwks.docs.js';

@ApiTags('services')
@Public()
@Controller('.well-known/jwks.json')
export class JwksController {
  constructor(private readonly ring: KeyRing) {}

  @Get()
  @Header('Cache-Control', 'max-age=300')
  @ApiReadKeys()
  readKeys(): JwksResponse {
    return { keys: this.ring.publicKeys };
  }
}
