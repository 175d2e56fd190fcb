import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { LoginModule } from '../login/login.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { ClientCredentialsGrant } from './grants/client-credentials.grant.js';
import { PasswordGrant } from './grants/password.grant.js';
import { RefreshTokenGrant } from './grants/refresh-token.grant.js';
import { IntrospectionController } from './introspection.controller.js';
import { IntrospectionService } from './introspection.service.js';
import { JwksController } from './jwks.controller.js';
import { LocalStrategy } from './local.strategy.js';
import { MetadataController } from './metadata.controller.js';
import { MetadataService } from './metadata.service.js';
import { RevokeController } from './revoke.controller.js';
import { RevocationFeedController } from './revocation-feed.controller.js';
import { RevocationFeedService } from './revocation-feed.service.js';
import { RevokeService } from './revoke.service.js';
import { RevocationWatch } from './revocation-watch.js';
import { TokenController } from './token.controller.js';
import { TokenService } from './token.service.js';

@Module({
  imports: [ClientsModule, LoginModule, SessionsModule, TokensModule, UsersModule],
  controllers: [
    TokenController,
    IntrospectionController,
    JwksController,
    MetadataController,
    RevokeController,
    RevocationFeedController,
  ],
  providers: [
    TokenService,
    LocalStrategy,
    PasswordGrant,
    RefreshTokenGrant,
    ClientCredentialsGrant,
    IntrospectionService,
    MetadataService,
    RevocationFeedService,
    RevokeService,
    RevocationWatch,
  ],
})
export class OAuthModule {}
