import 'reflect-metadata';
import cluster from 'node:cluster';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { PinoLogger } from 'nestjs-pino';
import { AppModule } from './app.module.js';
import { HttpSettings, urlHost } from '../config/settings.js';
import { logShutdown } from './shutdown.js';
import { configureApp } from './configure-app.js';
import { HttpAdapter } from './http-adapter.js';
import { UsersService } from '../users/users.service.js';

/** A message from the process that started this one; other messages are about metrics. */
interface Message {
  notices?: string[];
}

/**
 * Creates the app, and serves until a signal ends it.
 * @param notices what to log once it serves; a worker learns that from the process that started it
 */
export async function serve(notices?: string[]): Promise<void> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(),
    new HttpAdapter(),
    // Until the settings are known nothing is logged; earlier failures are printed by exitWith.
    { abortOnError: false, bodyParser: false, logger: false },
  );
  configureApp(app);
  const { host, port } = app.get(HttpSettings);
  if (notices === undefined) {
    process.on('message', (message: Message) => {
      if (message.notices) void announce(app, message.notices);
    });
  }
  await app.listen(port, host);
  if (!cluster.isWorker) logShutdown(PinoLogger.root);
  if (notices !== undefined) await announce(app, notices);
}

async function announce(app: NestExpressApplication, notices: string[]): Promise<void> {
  const logger = PinoLogger.root;
  for (const notice of notices) logger.info(notice);
  const { host, docsEnabled } = app.get(HttpSettings);
  const address = app.getHttpServer().address() as { port: number };
  const origin = `http://${urlHost(host)}:${address.port}`;
  logger.info(`Listening on ${origin}`);
  if (docsEnabled) logger.info(`The docs page is ${origin}/docs`);
  if (!(await app.get(UsersService).hasAny())) {
    logger.info('There is no user yet. Make one with: npm run -s cli -- user create <username>');
  }
}
