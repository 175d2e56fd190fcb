import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ensureSecretKey } from '../config/first-start.js';
import { DatabaseSettings } from '../config/settings.js';
import { CommandsModule } from './commands.module.js';

/**
 * The service's own configuration, database and rules, but without its server.
 * @throws Error for a database that would be gone with this command
 */
export async function openContext(): Promise<INestApplicationContext> {
  const madeKey = ensureSecretKey(new URL('../../.env.example', import.meta.url));
  if (madeKey) process.stderr.write(`${madeKey}\n`);
  const options = { abortOnError: false, logger: false } as const;
  const context = await NestFactory.createApplicationContext(CommandsModule.forRoot(), options);
  const { target } = context.get(DatabaseSettings);
  if (target.type !== 'sqlite' || target.path !== ':memory:') return context;
  await context.close();
  throw new Error(
    'DATABASE_URL names a database in memory: nothing made here would outlive this command',
  );
}
