import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, Repository } from 'typeorm';
import * as z from 'zod';
import { Recorder } from '../audit/recorder.js';
import { checkFields } from '../http/check-fields.js';
import { parseScope } from '../http/scopes.js';
import { Database, type Statement } from '../database/database.js';
import { LastAdministratorRule } from './last-administrator.js';
import { grantedScopes, storedScopes } from './scope-rules.js';
import { User } from './user.entity.js';
import { UserKeepsChanging } from './user-errors.js';
import { UsersService } from './users.service.js';

/** How often a change is retried because the user has changed meanwhile. */
export const ATTEMPTS = 100;

/** What users are granted. */
@Injectable()
export class UserScopesService {
  constructor(
    @InjectRepository(User) private readonly rows: Repository<User>,
    private readonly users: UsersService,
    private readonly database: Database,
    private readonly lastAdministrator: LastAdministratorRule,
    private readonly recorder: Recorder,
  ) {}

  /**
   * Gives a user scopes, besides those they have.
   * @throws InvalidFields
   * @throws UserNotFound
   */
  grant(username: string, scopes: readonly string[]): Promise<void> {
    return this.change(username, scopes, (own) => [...own, ...scopes]);
  }

  /** Takes scopes from a user. Their tokens have lost them at once. @throws what `grant` throws */
  revoke(username: string, scopes: readonly string[]): Promise<void> {
    return this.change(username, scopes, (own) => own.filter((scope) => !scopes.includes(scope)));
  }

  /** Can any user log in and manage users? */
  hasAdministrator(): Promise<boolean> {
    return this.lastAdministrator.hasAdministrator();
  }

  /** A change of a user's row, for a group of statements, unless their scopes or address have changed since. */
  changingSame(
    { id, scopes, email }: Pick<User, 'id' | 'scopes' | 'email'>,
    change: Partial<User>,
  ) {
    return this.rows
      .createQueryBuilder()
      .update({ scopes, ...change })
      .where({ id, scopes: scopes ?? IsNull(), email: email ?? IsNull() }) satisfies Statement;
  }

  private async change(
    username: string,
    named: readonly string[],
    next: (own: string[]) => string[],
    attempts = ATTEMPTS,
  ): Promise<void> {
    if (attempts === 0) throw new UserKeepsChanging();
    const user = await this.users.get(username);
    const scopes = storedScopes(next(parseScope(user.scopes)));
    checkScopes(named);
    checkScopes(parseScope(scopes));
    const facts = { user, reason: 'scopes', details: { scope: scopes ?? '' } };
    const isDone = await this.database.group([
      this.changingSame(user, { scopes }),
      this.recorder.recordingOwn('user_changed', facts),
    ]);
    // Another request was faster: read again.
    if (!isDone) await this.change(username, named, next, attempts - 1);
  }
}

function checkScopes(scopes: readonly string[]): void {
  checkFields(z.strictObject({ scopes: grantedScopes }), { scopes });
}
