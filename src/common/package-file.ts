import { existsSync } from 'node:fs';

/** A file of the package, wherever in it this code runs from: the compiled modules, or the bundle. */
export function packageFile(path: string): URL {
  let folder = new URL('.', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) folder = new URL('..', folder);
  return new URL(path, folder);
}
