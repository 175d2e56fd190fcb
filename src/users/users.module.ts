import { Module } from '@nestjs/common';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { ExpiringRows } from '../database/expiring-rows.js';
import { LastAdministratorRule } from './last-administrator.js';
import { ReleasedUsername } from './released-username.entity.js';
import { User } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { UserPagesService } from './user-pages.service.js';
import { UserScopesService } from './user-scopes.service.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([User, ReleasedUsername])],
  controllers: [UsersController],
  providers: [UserPagesService, UserScopesService, LastAdministratorRule, UsersService],
  exports: [UserPagesService, UserScopesService, LastAdministratorRule, UsersService],
})
export class UsersModule {
  constructor(
    expiring: ExpiringRows,
    @InjectRepository(User) users: Repository<User>,
    @InjectRepository(ReleasedUsername) released: Repository<ReleasedUsername>,
  ) {
    // Sign-ups whose link nobody followed.
    expiring.register({ rows: users, key: 'id', time: 'pendingUntil', kept: 0 });
    expiring.register({ rows: released, key: 'usernameKey', time: 'freeAt', kept: 0 });
  }
}
