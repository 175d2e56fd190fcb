import { ApiProperty } from '@nestjs/swagger';
import { isoTime } from '../../common/iso-time.js';
import { parseScope } from '../../http/scopes.js';
import type { User } from '../../users/user.entity.js';

/** A user as an administrator sees them: nothing about the password. */
export class AdminUserResponse {
  @ApiProperty({ type: 'integer', example: 7 })
  id!: number;

  @ApiProperty({ type: String, nullable: true, description: 'Null in adopted databases only' })
  username!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alex@example.com' })
  email!: string | null;

  @ApiProperty({ type: Boolean, description: 'Has mail to the address reached the user?' })
  email_verified!: boolean;

  @ApiProperty({ type: String, nullable: true, example: 'Alex Kasai' })
  full_name!: string | null;

  @ApiProperty({ type: Boolean })
  disabled!: boolean;

  @ApiProperty({ type: Boolean, description: 'A sign-up that waits for its address' })
  pending!: boolean;

  @ApiProperty({ type: [String], description: 'Granted, besides the `profile` of every user' })
  scopes!: string[];

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Null for users from before it was noted',
  })
  created_at!: string | null;

  static of(user: User): AdminUserResponse {
    return {
      id: user.id,
      username: user.username,
      email: user.email,
      email_verified: user.emailVerifiedAt !== null,
      full_name: user.fullName,
      disabled: user.disabled ?? false,
      pending: user.pendingUntil !== null,
      scopes: parseScope(user.scopes),
      created_at: isoTime(user.createdAt),
    };
  }
}

/** A page of the list. */
export class UserPageResponse {
  @ApiProperty({ type: [AdminUserResponse] })
  users!: AdminUserResponse[];

  @ApiProperty({ type: String, nullable: true, description: 'For the next page; null on the last' })
  next_cursor!: string | null;
}
