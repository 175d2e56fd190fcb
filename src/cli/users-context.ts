import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ensureSecretKey } from '../config/first-start.js';
import { DatabaseSettings } from '../config/settings.js';
import { FoundationModule } from '../foundation.module.js';
import { UsersService } from '../users/users.service.js';

/** The service's own configuration, database and rules, but without its server. */
export async function openContext(): Promise<INestApplicationContext> {
  const madeKey = ensureSecretKey(new URL('../../.env.example', import.meta.url));
  if (madeKey) process.stderr.write(`${madeKey}\n`);
  return NestFactory.createApplicationContext(await FoundationModule.forRoot(), {
    abortOnError: false,
    logger: false,
  });
}

/** @throws Error for a database that would be gone with this command */
export function usersOf(context: INestApplicationContext): UsersService {
  const { target } = context.get(DatabaseSettings);
  if (target.type === 'sqlite' && target.path === ':memory:') {
    throw new Error(
      'DATABASE_URL names a database in memory: nothing made here would outlive this command',
    );
  }
  return context.get(UsersService);
}
