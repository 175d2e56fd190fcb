/**
 * Preloaded into a process (node --import): writes the CommonJS modules that it had loaded to LIST_MODULES_TO when it
 * ends, one path per line. All of OpenTelemetry's packages and prom-client are CommonJS, whoever imports them.
 */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

process.on('exit', () => {
  const { cache } = createRequire(import.meta.url);
  writeFileSync(String(process.env.LIST_MODULES_TO), Object.keys(cache).join('\n'));
});
