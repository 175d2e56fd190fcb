const { createRequire } = require('node:module');
const { relative, join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { default: Runtime } = require('jest-runtime');

/** How many files this process has run. */
let files = 0;

/**
 * Runs a test file as Node would, and not in a context of its own: what it imports is loaded once for all files of a
 * process, instead of two seconds for each. The file itself is loaded again each time.
 *
 * Jest's option `runtime` is undocumented: this is for the version in package-lock.json.
 */
module.exports = class NativeRuntime extends Runtime {
  constructor(config, ...rest) {
    super(config, ...rest);
    this.compiled = join(config.rootDir, 'build-tests');
  }

  /** Jest's own modules: the one that holds the state of a run is loaded again, the others once. */
  requireInternalModule(from, to) {
    if (to !== undefined) return createRequire(from)(to);
    delete require.cache[from];
    return require(from);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    // Jest has its own way to map stacks, which knows nothing of these files; Node's does.
    process.setSourceMapsEnabled(true);
    delete Error.prepareStackTrace;
    const globals = await import(
      pathToFileURL(join(this.compiled, 'node_modules/@jest/globals/index.js')).href
    );
    globals.use(this.jestGlobals.cjsGlobals(path));
    const place = relative(this._config.rootDir, path).replace(/\.ts$/, '.js');
    await import(`${pathToFileURL(join(this.compiled, place)).href}?${files++}`);
  }
};
