import { Injectable } from '@nestjs/common';
import { Recorder } from '../audit/recorder.js';
import { USERS_WRITE } from '../http/scopes.js';
import type { Facts } from '../audit/facts.js';
import type { Person } from '../http/request-context.js';
import type { SecurityEvent } from '../audit/events.js';
import { Database, type Demand, type Statement } from '../database/database.js';
import { isGranted } from '../users/scope-rules.js';
import type { User } from '../users/user.entity.js';
import { LastAdministrator, UserKeepsChanging } from '../users/user-errors.js';
import { LastAdministratorRule } from '../users/last-administrator.js';
import { ATTEMPTS, UserScopesService } from '../users/user-scopes.service.js';
import { takenBy } from '../users/users.service.js';
import { BeyondOwnScopes } from './admin-errors.js';
import { AdminUsersService } from './admin-users.service.js';
import type { Administrator } from './current-administrator.decorator.js';
import { checkReach } from './own-scopes.js';

/** What to do to a user: a change of the row, and what has to happen together with it. */
export interface Plan {
  change: Partial<User>;
  then: readonly (Statement | Demand)[];
}

/** Acts on users on behalf of an administrator, within that administrator's scopes, and records it. */
@Injectable()
export class AdminOperation {
  constructor(
    private readonly adminUsers: AdminUsersService,
    private readonly scopes: UserScopesService,
    private readonly lastAdministrator: LastAdministratorRule,
    private readonly database: Database,
    private readonly recorder: Recorder,
  ) {}

  /**
   * Decides by the current row, and acts if the row is unchanged; otherwise decides again.
   * @param id as it appears in the path
   * @returns the user as they were
   * @throws NoSuchUser
   * @throws BeyondOwnScopes
   * @throws LastAdministrator
   * @throws EmailTaken
   * @throws UserKeepsChanging
   * @throws what `decide` throws
   */
  async perform(
    administrator: Administrator,
    id: string,
    decide: (user: User) => Plan,
    attempts = ATTEMPTS,
  ): Promise<User> {
    if (attempts === 0) throw new UserKeepsChanging();
    const user = await this.adminUsers.find(id);
    const isDone = await this.orRefused(administrator, user, () => {
      checkReach(administrator, user);
      return this.carryOut(user, decide(user));
    });
    return isDone ? user : this.perform(administrator, id, decide, attempts - 1);
  }

  /**
   * Does the work, and records the refusal if the administrator is not allowed to do it.
   * @param user the name, for a user who does not exist yet
   */
  async orRefused<T>(
    administrator: Administrator,
    user: Person | string,
    work: () => T | Promise<T>,
  ): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof BeyondOwnScopes || error instanceof LastAdministrator) {
        const { context, username: by } = administrator;
        // A requested name belongs to no user yet.
        const whom = typeof user === 'string' ? { typed: { username: user } } : { user };
        const facts = { ...whom, by, reason: error.code };
        await this.recorder.record('administration_refused', context, facts);
      }
      throw error;
    }
  }

  /** The audit entry, for the group of statements that makes the change: who did it, and to whom. */
  recording(
    { context, username: by }: Administrator,
    event: SecurityEvent,
    facts: Facts,
  ): Statement {
    return this.recorder.recording(event, context, { ...facts, by });
  }

  private async carryOut(user: User, { change, then }: Plan): Promise<boolean> {
    const first = this.scopes.changingSame(user, change);
    // Next to the change, so that every group locks users before sessions.
    const demands = mayEndAdministrator(user, change)
      ? [this.lastAdministrator.requireAdministratorLeft()]
      : [];
    try {
      return await this.database.group([first, ...demands, ...then]);
    } catch (error) {
      throw takenBy(error, {
        username: user.username ?? '',
        email: change.email ?? undefined,
      });
    }
  }
}

/** Whether the user was one is certain: the change is made only if their scopes are still the same. */
function mayEndAdministrator(user: User, { disabled, scopes }: Partial<User>): boolean {
  if (!isGranted(user, USERS_WRITE)) return false;
  return disabled === true || (scopes !== undefined && !isGranted({ scopes }, USERS_WRITE));
}
