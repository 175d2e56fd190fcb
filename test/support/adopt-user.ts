import bcrypt from 'bcrypt';
import { PASSWORD, TEST_COST, type TestApp } from './create-test-app.js';
import { sql } from './sql.js';

interface AdoptedUser {
  username: string;
  password?: string;
}

/** Puts a user in as an adopted database would have them: of any name, without what today's rules ask for. */
export async function adoptUser(
  app: TestApp,
  { username, password = PASSWORD }: AdoptedUser,
): Promise<void> {
  const hash = bcrypt.hashSync(password, TEST_COST);
  await sql(app, 'INSERT INTO users (username, hashed_password) VALUES (?, ?)', username, hash);
}
