import { existsSync } from 'node:fs';

/**
 * A file of the package, wherever in it this code runs from: the compiled modules, or the bundle.
 * @throws Error if it is missing
 */
export function packageFile(path: string): URL {
  for (let folder = new URL('.', import.meta.url); ; folder = new URL('..', folder)) {
    const file = new URL(path, folder);
    if (existsSync(file)) return file;
    if (folder.pathname === '/') throw new Error(`${path} of the package is missing`);
  }
}
