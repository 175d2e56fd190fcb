import bcrypt from 'bcrypt';
import { PASSWORD, TEST_COST, type TestApp } from './create-test-app.js';
import { sql } from './sql.js';

interface AdoptedUser {
  username: string;
  password?: string;
}

/** Inserts a user as an adopted database would have them: with any name, not subject to today's rules. */
export async function adoptUser(
  app: TestApp,
  { username, password = PASSWORD }: AdoptedUser,
): Promise<void> {
  const hash = bcrypt.hashSync(password, TEST_COST);
  await sql(app, 'INSERT INTO users (username, hashed_password) VALUES (?, ?)', username, hash);
}
