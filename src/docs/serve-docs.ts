import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { openApiDocument } from './openapi-document.js';

/** Swagger UI at `/docs` with its assets from here, and the document at `/openapi.json`. */
export function serveDocs(app: NestExpressApplication): void {
  app.use('/docs', pageHeaders());
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'latchkey',
    swaggerOptions: { persistAuthorization: false, tryItOutEnabled: true },
  });
}

/** A page of its own origin's scripts only, and assets that a browser may keep. Swagger UI needs inline styles. */
function pageHeaders() {
  const policy = helmet.contentSecurityPolicy({
    useDefaults: false,
    directives: {
      defaultSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", 'data:'],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
  });
  return (request: Request, response: Response, next: NextFunction): void => {
    response.setHeader('Cache-Control', 'no-cache');
    policy(request, response, next);
  };
}
