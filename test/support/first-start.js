/** Ensures a key in the current folder's .env as soon as there is a file `go`, and prints the resulting key. */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'dotenv';
import { ensureSecretKey } from '../../build/config/first-start.js';

process.stdout.write('ready\n');
// Not a timer: all of them have to start at the same moment.
while (!existsSync('go'));
ensureSecretKey(new URL('../../.env.example', import.meta.url));
process.stdout.write(`${parse(readFileSync('.env')).SECRET_KEY}\n`);
