import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { LATCHKEY } from './config.js';

const PORT = Number(process.env.PORT || 5173);

const JAVASCRIPT = 'text/javascript; charset=utf-8';

const SCRIPTS = [
  'config.js',
  'latchkey.js',
  'store.js',
  'session.js',
  'page.js',
  'forms.js',
  'devices.js',
  'account.js',
  'settings.js',
  'sign-up.js',
  'mail-links.js',
  'app.js',
];

/** Everything that is served: any other path is unknown. */
const FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  ...Object.fromEntries(SCRIPTS.map((name) => [`/${name}`, [name, JAVASCRIPT]])),
};

/** What the page may do: run its own scripts, and call latchkey. Any server of the page should send the same. */
const HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src ${new URL(LATCHKEY).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
};

const server = createServer((request, response) => {
  const [path] = request.url.split('?');
  if (request.method !== 'GET' || !Object.hasOwn(FILES, path)) {
    response.writeHead(404, HEADERS).end();
    return;
  }
  const [name, type] = FILES[path];
  response.writeHead(200, { ...HEADERS, 'Content-Type': type });
  createReadStream(new URL(name, import.meta.url)).pipe(response);
});

server.listen(PORT, '127.0.0.1', () => console.log(`The page: http://localhost:${PORT}`));
