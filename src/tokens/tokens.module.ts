import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import { AccessTokenService } from './access-token.service.js';
import { SigningKey } from './signing-key.js';

@Module({
  imports: [
    JwtModule.registerAsync({
      extraProviders: [SigningKey],
      inject: [SigningKey],
      useFactory: (key: SigningKey) => ({ secret: key.secret }),
    }),
  ],
  providers: [AccessTokenService, SigningKey],
  exports: [AccessTokenService],
})
export class TokensModule {}
