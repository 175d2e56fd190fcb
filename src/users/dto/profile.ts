import { ApiProperty } from '@nestjs/swagger';

interface ProfileRow {
  username: string | null;
  email: string | null;
  fullName: string | null;
  disabled: boolean | null;
}

/** What a user may see of their own row: never the hash. The members' order is the tutorial's. */
export class Profile {
  @ApiProperty({ type: String, example: 'alex' })
  username!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alex@example.com' })
  email!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Alex Kasai' })
  full_name!: string | null;

  @ApiProperty({ type: Boolean, nullable: true, example: false })
  disabled!: boolean | null;

  static of({ username, email, fullName, disabled }: ProfileRow): Profile {
    return { username, email, full_name: fullName, disabled };
  }
}

/** The tutorial's envelope, including the space. */
export class ProfileResponse {
  @ApiProperty({ type: Profile })
  'user data'!: Profile;
}
