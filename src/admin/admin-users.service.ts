import { Injectable } from '@nestjs/common';
import type { User } from '../users/user.entity.js';
import { placeOf, UserPagesService } from '../users/user-pages.service.js';
import { UsersService } from '../users/users.service.js';
import { NoSuchUser } from './admin-errors.js';
import { AdminUserResponse, type UserPageResponse } from './dto/admin-user-response.js';
import { writeCursor } from './user-cursor.js';
import { parseUserId } from './user-id.js';
import { parsePageRequest } from './user-search.js';

/** Finds users for an administrator, and shows them. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly users: UsersService,
    private readonly pages: UserPagesService,
  ) {}

  /** @throws InvalidParameter */
  async list(query: URLSearchParams): Promise<UserPageResponse> {
    const { search, after, limit } = parsePageRequest(query);
    const found = await this.pages.page(search, after, limit + 1);
    const users = found.slice(0, limit);
    const last = found.length > limit ? users.at(-1) : undefined;
    const next_cursor = last ? writeCursor(search.order, placeOf(last, search.order)) : null;
    return { users: users.map((user) => AdminUserResponse.of(user)), next_cursor };
  }

  /**
   * @param id as it appears in the path
   * @throws NoSuchUser
   */
  async read(id: string): Promise<AdminUserResponse> {
    return AdminUserResponse.of(await this.find(id));
  }

  /**
   * @param text the id, as it appears in the path
   * @throws NoSuchUser
   */
  async find(text: string): Promise<User> {
    const id = parseUserId(text);
    const user = id === undefined ? null : await this.users.findById(id);
    if (!user) throw new NoSuchUser();
    return user;
  }
}
