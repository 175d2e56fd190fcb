import { readFileSync } from 'node:fs';
import { packageFile } from './package-file.js';

/** latchkey's version, as `package.json` has it. */
export function productVersion(): string {
  const text = readFileSync(packageFile('package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
