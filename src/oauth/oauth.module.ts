import { Module } from '@nestjs/common';
import { ClientsModule } from '../clients/clients.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { RevocationFeedController } from './revocation-feed.controller.js';
import { RevocationFeedService } from './revocation-feed.service.js';
import { RevocationWatch } from './revocation-watch.js';

@Module({
  imports: [ClientsModule, SessionsModule],
  controllers: [RevocationFeedController],
  providers: [RevocationFeedService, RevocationWatch],
})
export class OAuthModule {}
