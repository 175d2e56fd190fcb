import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { ensureSecretKey } from '../config/first-start.js';
import { DatabaseSettings } from '../config/settings.js';
import { UsersService } from '../users/users.service.js';

/** Runs one command's work with the service's own configuration, database and rules, but without its server. */
export async function withUsers<T>(work: (users: UsersService) => Promise<T>): Promise<T> {
  const madeKey = ensureSecretKey(new URL('../../.env.example', import.meta.url));
  if (madeKey) process.stderr.write(`${madeKey}\n`);
  const context = await NestFactory.createApplicationContext(AppModule.forRoot(), {
    abortOnError: false,
    logger: false,
  });
  try {
    refuseMemory(context.get(DatabaseSettings));
    return await work(context.get(UsersService));
  } finally {
    await context.close();
  }
}

function refuseMemory({ target }: DatabaseSettings): void {
  if (target.type !== 'sqlite' || target.path !== ':memory:') return;
  throw new Error(
    'DATABASE_URL names a database in memory: nothing made here would outlive this command',
  );
}
