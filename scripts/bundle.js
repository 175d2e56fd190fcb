import { chmod, readFile, writeFile } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { build } from 'esbuild';

/** Not in the bundle, and found in node_modules when first needed: native addons, and Swagger UI's files. */
const EXTERNAL = [
  'better-sqlite3',
  'sqlite-for-node-20',
  'bcrypt',
  'argon2',
  'pg-native',
  'swagger-ui-dist',
  // Nest loads these only where an application has them.
  '@nestjs/microservices*',
  '@nestjs/websockets*',
  '@fastify/static',
  'class-transformer',
  'class-validator',
];

/** What a dependency loads at its start and latchkey never calls. */
const LEFT_OUT = [
  // TypeORM's drivers for databases that DATABASE_URL can't name.
  /node_modules\/typeorm\/driver\/(aurora-mysql|aurora-postgres|capacitor|cockroachdb|cordova|expo|mongodb|mysql|nativescript|oracle|react-native|sap|spanner|sqljs|sqlserver)\/\w+(Driver|QueryRunner)\.js$/,
  // Its printing of statements, and its lookup of entities by pattern.
  /node_modules\/(@sqltools\/formatter|sql-highlight|tinyglobby)\//,
  // Nest's uploads, and body-parser's decoder for other charsets: latchkey accepts UTF-8 only, and no files.
  /node_modules\/(multer|iconv-lite\/encodings)\//,
];

/** In place of what is left out: says so if it is constructed anyway. */
const STAND_IN = `
const leftOut = (name) => class { constructor() { throw new Error(name + ' is not in the bundle (scripts/bundle.js)'); } };
module.exports = new Proxy({}, { get: (_, name) => (name === '__esModule' ? true : leftOut(String(name))) });
`;

/** @nestjs/typeorm loads the whole of typeorm a second time, to find that these two are gone since 1.0. */
const COMPAT = /node_modules\/@nestjs\/typeorm\/dist\/common\/typeorm-compat\.js$/;
const COMPAT_SINCE_1 = 'export const Connection = undefined, AbstractRepository = undefined;';

const names = builtinModules.filter((name) => !name.startsWith('_'));
const BUILTIN = new RegExp(`^(node:.+|${names.join('|')})$`);

/** Node would use the CommonJS of rxjs, which can't be tree-shaken. */
const RXJS = fileURLToPath(new URL('../node_modules/rxjs/dist/esm/index.js', import.meta.url));

const dependencies = {
  name: 'dependencies',
  setup({ onLoad, onResolve }) {
    // An ES import of a built-in module loads all of its lazy parts: for node:http the whole of undici.
    onResolve({ filter: BUILTIN }, ({ path, kind }) =>
      kind === 'require-call' ? undefined : { path, namespace: 'builtin' },
    );
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = require('${path}')`,
    }));
    onResolve({ filter: /^rxjs$/ }, () => ({ path: RXJS }));
    onLoad({ filter: COMPAT }, () => ({ contents: COMPAT_SINCE_1 }));
    for (const filter of LEFT_OUT) onLoad({ filter }, () => ({ contents: STAND_IN }));
    // Their own maps name sources that are not published.
    onLoad({ filter: /node_modules\/.*\.[cm]?js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/^\/\/# sourceMappingURL=.*/gm, ''),
    }));
  },
};

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
  // Not keepNames: it names every closure at creation, which costs a third of the time of a request.
  sourcemap: true,
  sourcesContent: false,
  plugins: [dependencies],
  logLevel: 'error',
};

/**
 * Bundles the compiled modules: `latchkey.cjs`, with all their dependencies, and the two programs that
 * load it. Finding, reading and linking 1,500 modules takes longer than anything else at a start.
 * @param from the folder of the compiled modules
 * @param to the folder that is made
 */
export async function bundle(from, to) {
  await build({
    ...common,
    stdin: {
      contents: `
        export const service = () => import('./server/start.js');
        export const commandLine = () => import('./cli/run-command-line.js');`,
      resolveDir: from,
      sourcefile: 'bundle-parts.js',
    },
    outfile: join(to, 'latchkey.cjs'),
    format: 'cjs',
    // One file: what is loaded with import() is in it, and evaluated at that time.
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': 'bundleUrl' },
    // What src/bundle.ts calls. It is here, and not wrapped around the text there, to avoid a second copy of the text.
    banner: { js: '(function (exports, require, module, bundleUrl) {' },
    footer: { js: '})' },
    sourcemap: 'external',
    external: EXTERNAL,
  });
  await shortenMap(join(to, 'latchkey.cjs.map'));
  await buildPrograms(from, to);
}

/** The programs themselves are small, so that a failure to load is reported in a sentence. */
async function buildPrograms(from, to) {
  const loadsBundle = {
    name: 'loads-bundle',
    setup({ onLoad, onResolve }) {
      const parts = { './server/start.js': 'service', './run-command-line.js': 'commandLine' };
      onResolve(
        { filter: /^\.\/(server\/start|run-command-line)\.js$/ },
        ({ path, importer, kind }) =>
          kind === 'dynamic-import'
            ? { path: parts[path], namespace: 'part', pluginData: importer.endsWith('cli/main.js') }
            : undefined,
      );
      onLoad({ filter: /.*/, namespace: 'part' }, ({ path, pluginData: isBelow }) => ({
        contents: `
          import { loadBundle } from './bundle.js';
          const { bundle } = loadBundle(new URL('${isBelow ? '../' : './'}', import.meta.url));
          const part = await bundle.${path}();
          export const { start, runCommandLine } = part;`,
        resolveDir: from,
      }));
    },
  };
  await build({
    ...common,
    entryPoints: { main: join(from, 'main.js'), 'cli/main': join(from, 'cli/main.js') },
    outdir: to,
    format: 'esm',
    sourcemap: 'inline',
    plugins: [loadsBundle],
  });
  await chmod(join(to, 'cli/main.js'), 0o755);
}

/** Maps keep files and lines of our own code, and files of dependencies. A full one would be 3 MB. */
async function shortenMap(path) {
  const map = JSON.parse(await readFile(path, 'utf8'));
  const isOwn = map.sources.map((source) => !source.includes('node_modules'));
  let last = [];
  const isNews = ([, source, line]) => {
    if (source === last[1] && (line === last[2] || !isOwn[source])) return false;
    last = [undefined, source, line];
    return true;
  };
  const lines = decode(map.mappings).map((segments) => {
    last = [];
    return segments.filter(isNews).map((segment) => segment.slice(0, 4));
  });
  await writeFile(path, JSON.stringify({ ...map, names: [], mappings: encode(lines) }));
}
