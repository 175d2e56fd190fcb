import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ReleasedUsername } from '../users/released-username.entity.js';
import { User } from '../users/user.entity.js';
import { UsersModule } from '../users/users.module.js';
import { ExportService } from './export.service.js';
import { ImportService } from './import.service.js';
import { UserRows } from './user-rows.js';

/** Users from elsewhere, and to elsewhere: only for the command line, not for the service. */
@Module({
  imports: [TypeOrmModule.forFeature([User, ReleasedUsername]), UsersModule],
  providers: [ExportService, ImportService, UserRows],
  exports: [ExportService, ImportService],
})
export class TransferModule {}
