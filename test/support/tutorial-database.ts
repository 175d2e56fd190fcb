import { openSqlite } from '../../src/database/sqlite-driver.js';

/** The hash in the tutorial's own `database.py`. */
export const TUTORIAL_HASH = '$2b$12$c5g7ZUHAdOInIKYNSRMxj.osA4dpdcd03cfQN0RXa5sBuiGM1xR2y';

/** A `users.db` as SQLAlchemy makes it from the tutorial's `database.py`, statement by statement. */
export function makeTutorialDatabase(path: string, rows: Record<string, unknown>[] = []): void {
  const database = openSqlite(path);
  database.exec(`
CREATE TABLE users (
	id INTEGER NOT NULL,
	username VARCHAR,
	full_name VARCHAR,
	email VARCHAR,
	hashed_password VARCHAR,
	disabled BOOLEAN,
	PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ix_users_username ON users (username);
CREATE UNIQUE INDEX ix_users_email ON users (email);
CREATE INDEX ix_users_id ON users (id);`);
  const insert = database.prepare(
    'INSERT INTO users VALUES (:id, :username, :full_name, :email, :hashed_password, :disabled)',
  );
  for (const row of rows) {
    insert.run({ full_name: null, email: null, hashed_password: null, disabled: 0, ...row });
  }
  database.close();
}
