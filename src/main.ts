import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { ensureSecretKey } from './config/first-start.js';
import { HttpSettings, urlHost } from './config/settings.js';
import { configureApp } from './configure-app.js';
import { HttpAdapter } from './http-adapter.js';
import { exitWith } from './exit-status.js';
import { UsersService } from './users/users.service.js';

// Whatever is made here (.env, the database) is for the service's own user only.
process.umask(0o077);

try {
  await serve();
} catch (error) {
  exitWith(error);
}

async function serve(): Promise<void> {
  const madeKey = ensureSecretKey(new URL('../.env.example', import.meta.url));
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(),
    new HttpAdapter(),
    { abortOnError: false, bodyParser: false, bufferLogs: true },
  );
  configureApp(app);
  const logger = PinoLogger.root;
  if (madeKey) logger.info(madeKey);
  const { host, port, docsEnabled } = app.get(HttpSettings);
  await app.listen(port, host);
  const address = app.getHttpServer().address() as { port: number };
  const origin = `http://${urlHost(host)}:${address.port}`;
  logger.info(`Listening on ${origin}`);
  if (docsEnabled) logger.info(`The docs page is ${origin}/docs`);
  if (!(await app.get(UsersService).hasAny())) {
    logger.info('There is no user yet. Make one with: npm run -s cli -- user create <username>');
  }
}
