/**
 * Creates users endlessly, and prints each name once its creation is acknowledged: to be killed at any moment.
 * Run from the folder of the database, on the built service.
 */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../build/server/app.module.js';
import { PasswordHasher } from '../../build/crypto/password-hasher.js';
import { UsersService } from '../../build/users/users.service.js';

const context = await NestFactory.createApplicationContext(AppModule.forRoot(), { logger: false });
const users = context.get(UsersService);
// Writes as fast as the disk allows; with a hash for each there would be few moments to be killed in.
context.get(PasswordHasher).hash = () => Promise.resolve('a hash');

for (let i = 0; ; i++) {
  const username = `user-${process.pid}-${i}`;
  await users.create({ username, password: 'correct horse' });
  // A write to a pipe is done when it returns.
  process.stdout.write(`${username}\n`);
}
