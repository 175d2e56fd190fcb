import { startNginx } from './nginx.js';
import { PostgresServer } from './postgres.js';
import { freePort } from '../../scripts/free-port.js';
import { end, startService } from './processes.js';

/** Three instances on one PostgreSQL, with nginx in front. */
export async function startInstances(experiment, changes = {}) {
  const postgres = await PostgresServer.start(experiment);
  const settings = {
    DATABASE_URL: postgres.url(),
    TRUSTED_PROXIES: '127.0.0.1',
    ...changes,
  };
  const ports = [await freePort(), await freePort(), await freePort()];
  const start = (port) => supervised(() => startService(experiment, { ...settings, PORT: port }));
  // The first alone: a simultaneous start is for another experiment.
  const instances = [await start(ports[0])];
  instances.push(...(await Promise.all(ports.slice(1).map(start))));
  const { url, log } = await startNginx(experiment, ports);
  return {
    url,
    log,
    postgres,
    settings,
    instances,
    folder: instances[0].folder,
    /** Ends one by SIGTERM, and starts another one in its place. @returns the exit status of the old one */
    async replace(i) {
      const status = await end(instances[i].child);
      instances[i] = await start(ports[i]);
      return status;
    },
  };
}

/** Restarts what ends instead of starting, as systemd would; PostgreSQL may be too slow on a busy machine. */
async function supervised(start) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
}
