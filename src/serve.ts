import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { ensureSecretKey } from './config/first-start.js';
import { HttpSettings, urlHost } from './config/settings.js';
import { configureApp } from './configure-app.js';
import { HttpAdapter } from './http-adapter.js';
import { UsersService } from './users/users.service.js';

/** Creates the app, and serves until a signal ends it. */
export async function serve(): Promise<void> {
  const madeKey = ensureSecretKey(new URL('../.env.example', import.meta.url));
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(),
    new HttpAdapter(),
    // Until the settings are known nothing is logged; what fails before is said by exitWith.
    { abortOnError: false, bodyParser: false, logger: false },
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
