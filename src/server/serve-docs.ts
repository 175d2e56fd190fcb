import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { openApiDocument } from './openapi-document.js';

/**
 * Swagger UI resolves what is relative in the document, the token URL among it, against the page's address. This
 * turns `/docs/` into `/docs`, so that both mean the same, behind a path prefix too. (A redirect would have to know
 * the prefix.)
 */
const ONE_ADDRESS = `history.replaceState(null, '', location.pathname.replace(/\\/$/, '') + location.search + location.hash);\n`;

/** A key. Inlined in the page: browsers would request a linked icon again, relative to the changed address. */
const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="none" stroke="#3b4151" stroke-width="2"><circle cx="4.5" cy="8" r="3"/><path d="M7.5 8H15v3.5M11.5 8v2.5"/></svg>',
)}`;

/** Swagger UI at `/docs` with its assets from here, and the document at `/openapi.json`. */
export function serveDocs(app: NestExpressApplication): void {
  app.use('/docs', pageHeaders());
  // The page links to `docs/one-address.js`, which from `/docs/` is one folder deeper.
  app.use(/^\/docs(\/docs)?\/one-address\.js$/, serveScript(ONE_ADDRESS));
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'latchkey',
    customfavIcon: ICON,
    customJs: 'docs/one-address.js',
    swaggerOptions: {
      persistAuthorization: false,
      tryItOutEnabled: true,
      plugins: [authorizeTheUser],
    },
  });
}

/** The part of Swagger UI used here: a list of what can be authorized, each entry a map of one scheme by name. */
interface Schemes {
  filter(isShown: (scheme: { has(name: string): boolean }) => boolean): Schemes;
}
interface AuthorizeProps {
  authSelectors: { definitionsToAuthorize(): Schemes };
}
interface SwaggerSystem {
  React: { createElement(component: unknown, props: object): unknown };
}

/**
 * A plugin of Swagger UI, which runs in the page: the Authorize button is for users. The form for a client's secret
 * is behind the locks of the operations that accept one.
 */
const authorizeTheUser = () => ({
  wrapComponents: {
    AuthorizeBtnContainer:
      (Container: unknown, { React }: SwaggerSystem) =>
      (props: AuthorizeProps) => {
        const ofUser = () =>
          props.authSelectors
            .definitionsToAuthorize()
            .filter((scheme) => !scheme.has('ClientSecretBasic'));
        const authSelectors = { ...props.authSelectors, definitionsToAuthorize: ofUser };
        return React.createElement(Container, { ...props, authSelectors });
      },
  },
});

function serveScript(script: string) {
  return (_request: Request, response: Response): void => {
    response.type('js').send(script);
  };
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
