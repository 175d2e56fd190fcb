import { messageOf } from './common/error-message.js';

/** The beginning of errors without a code from packages that can't find their native part: node-gyp-build, bindings. */
const NO_NATIVE_PART = /^(No native build was found|Could not locate the bindings file)/;

/** The beginning of Node's error for a package that is not installed; a file of the program has a path instead. */
const NOT_INSTALLED = /^Cannot find (package|module) '[^./]/;

/** Where the text of these errors goes from the reason to the details. */
const REASON = /^[^]*?(?=\.?$|\.\s|\n(?:Require stack|\s+loaded from))/;

/**
 * What to do where a package is missing, or its native part was built for another Node: npm installs another driver
 * for SQLite on Node 20 than on later ones.
 * @param version as in `process.versions.node`
 * @returns the sentence that says so; undefined for any other error
 */
export function moduleProblem(error: unknown, version: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const message = messageOf(error);
  const isAboutModules =
    (error as NodeJS.ErrnoException).code === 'ERR_DLOPEN_FAILED' ||
    NOT_INSTALLED.test(message) ||
    NO_NATIVE_PART.test(message);
  if (!isAboutModules) return undefined;
  const reason = (REASON.exec(message)?.[0] ?? message).replace(/\s+/g, ' ');
  return `A package that latchkey needs does not load in Node ${version}: ${adviceFor(version)} (${reason})`;
}

/** For Node 20 the driver for SQLite is compiled where it can't be downloaded, and npm leaves it out if that fails. */
function adviceFor(version: string): string {
  const install = 'run `npm ci` with this Node';
  return version.startsWith('20.') ? `install python3, make and g++, and ${install}` : install;
}
