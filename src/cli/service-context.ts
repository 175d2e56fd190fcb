import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { packageFile } from '../common/package-file.js';
import { ensureSecretKey } from '../config/first-start.js';
import { DatabaseSettings } from '../config/settings.js';
import { CommandsModule } from './commands.module.js';
import { printNote } from './output.js';

/**
 * The service's own configuration, database and rules, but without its server.
 * @throws Error for a database that would be gone with this command
 */
export async function openContext(): Promise<INestApplicationContext> {
  const madeKey = ensureSecretKey(packageFile('.env.example'));
  if (madeKey) printNote(madeKey);
  const options = { abortOnError: false, logger: false } as const;
  const context = await NestFactory.createApplicationContext(CommandsModule.forRoot(), options);
  const { target } = context.get(DatabaseSettings);
  if (target.type !== 'sqlite' || target.path !== ':memory:') return context;
  await context.close();
  throw new Error(
    'DATABASE_URL names a database in memory: nothing made here would outlive this command',
  );
}
