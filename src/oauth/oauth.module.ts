import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsersModule } from '../users/users.module.js';
import { IntrospectionController } from './introspection.controller.js';
import { IntrospectionService } from './introspection.service.js';
import { JwksController } from './jwks.controller.js';
import { MetadataController } from './metadata.controller.js';
import { MetadataService } from './metadata.service.js';
import { RevokeController } from './revoke.controller.js';
import { RevocationFeedController } from './revocation-feed.controller.js';
import { RevocationFeedService } from './revocation-feed.service.js';
import { RevokeService } from './revoke.service.js';
import { RevocationWatch } from './revocation-watch.js';

@Module({
  imports: [ClientsModule, SessionsModule, TokensModule, UsersModule],
  controllers: [
    IntrospectionController,
    JwksController,
    MetadataController,
    RevokeController,
    RevocationFeedController,
  ],
  providers: [
    IntrospectionService,
    MetadataService,
    RevocationFeedService,
    RevokeService,
    RevocationWatch,
  ],
})
export class OAuthModule {}
