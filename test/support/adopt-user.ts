import bcrypt from 'bcrypt';
import { PASSWORD, type TestApp } from './create-test-app.js';
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
  const hash = bcrypt.hashSync(password, 10);
  await sql(app, 'INSERT INTO users (username, hashed_password) VALUES (?, ?)', username, hash);
}
