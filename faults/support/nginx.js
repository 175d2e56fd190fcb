import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { NotRun } from './not-run.js';
import { freePort } from '../../scripts/free-port.js';
import { end, startProgram, until } from './processes.js';
import { send } from './http.js';

const SAMPLE = new URL('../../deploy/nginx.conf', import.meta.url);

/**
 * Starts nginx in front of the instances, as in deploy/nginx.conf, but without its TLS, its host name and its
 * own limits, and with more than one server.
 * @returns its URL
 */
export async function startNginx(experiment, ports) {
  const program = findNginx();
  const folder = experiment.folder();
  // Its workers do not run as root.
  chmodSync(folder, 0o711);
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  writeFileSync(config, mainConfig(folder, sampleFor(port, ports)));
  const log = join(folder, 'error.log');
  writeFileSync(log, '');
  experiment.keepLog(log);
  const child = startProgram(program, ['-p', folder, '-c', config, '-e', log]);
  experiment.atEnd(() => end(child, 'SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => (await send(`${url}/nginx-is-up`)).status > 0, 10_000);
  return { url, log, child };
}

function findNginx() {
  for (const program of ['nginx', '/usr/sbin/nginx'])
    if (spawnSync(program, ['-v']).status === 0) return program;
  throw new NotRun('nginx (on Debian: apt-get install nginx-light)');
}

function mainConfig(folder, sample) {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `daemon off;
worker_processes 2;
pid ${folder}/nginx.pid;
events { worker_connections 2048; }
http {
access_log off;
${paths}
${sample}
}
`;
}

/** The sample, without what a test can't have. @throws Error if it does not contain what is replaced */
function sampleFor(port, ports) {
  let text = readFileSync(SAMPLE, 'utf8');
  const replace = (pattern, by) => {
    if (!pattern.test(text)) throw new Error(`deploy/nginx.conf has no ${pattern}`);
    text = text.replace(pattern, by);
  };
  replace(/^ *server 127\.0\.0\.1:8000(.*;)$/m, (_, settings) =>
    ports.map((each) => `    server 127.0.0.1:${each}${settings}`).join('\n'),
  );
  replace(/^ *listen 443 .*$/m, `    listen 127.0.0.1:${port};`);
  replace(/^ *listen \[::\]:443 .*$/m, '');
  replace(/^ *ssl_.*$/gm, '');
  replace(/^ *limit_req.*$/gm, '');
  replace(/^ *server_name .*$/m, '');
  return text;
}
