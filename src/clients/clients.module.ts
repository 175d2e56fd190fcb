import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ClientAuthentication } from './client-authentication.js';
import { Client } from './client.entity.js';
import { ClientsService } from './clients.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Client])],
  providers: [ClientAuthentication, ClientsService],
  exports: [ClientAuthentication, ClientsService],
})
export class ClientsModule {}
