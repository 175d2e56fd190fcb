import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AccessTokenService } from './access-token.service.js';
import { StoredKeyLoader } from './stored-key-loader.js';
import { KeyRing } from './key-ring.js';
import { KeysService } from './keys.service.js';
import { StoredKey } from './stored-key.entity.js';
import { StoredKeys } from './stored-keys.service.js';
import { VerifiedTokens } from './verified-tokens.js';

/** Nothing here runs in the background: the command line uses it too. The service's own work is in `KeyKeeper`. */
@Module({
  imports: [TypeOrmModule.forFeature([StoredKey]), JwtModule.register({})],
  providers: [
    AccessTokenService,
    StoredKeyLoader,
    KeyRing,
    KeysService,
    StoredKeys,
    VerifiedTokens,
  ],
  exports: [AccessTokenService, StoredKeyLoader, KeyRing, KeysService, StoredKeys],
})
export class TokensModule {}
