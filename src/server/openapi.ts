import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { openApiDocument } from './openapi-document.js';

// Prints the description of the service: `npm run openapi`. In preview mode Nest makes the modules but none of
// their providers: no database is opened, no port, and no key used. The configuration is checked all the same,
// so it gets one of its own.
// eslint-disable-next-line no-restricted-syntax
process.env = { SECRET_KEY: 'nothing is ever signed with this key' };

const app = await NestFactory.create(AppModule.forRoot('/dev/null'), {
  preview: true,
  abortOnError: false,
  logger: false,
});
process.stdout.write(`${JSON.stringify(openApiDocument(app), null, 2)}\n`);
