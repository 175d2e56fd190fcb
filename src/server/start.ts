import cluster from 'node:cluster';
import { packageFile } from '../common/package-file.js';
import { readWorkerCount } from '../config/config.module.js';
import { ensureSecretKey } from '../config/first-start.js';

/** Serves in this process, or has `WORKERS` processes of its own serve; until a signal ends it. */
export async function start(): Promise<void> {
  // For a worker, the primary has done the rest.
  if (cluster.isWorker) return serveHere();
  const madeKey = ensureSecretKey(packageFile('.env.example'));
  const notices = madeKey === undefined ? [] : [madeKey];
  const workers = readWorkerCount();
  if (workers === 1) return serveHere(notices);
  // It needs none of the serving code.
  const { supervise } = await import('./supervise.js');
  await supervise(workers, notices);
}

async function serveHere(notices?: string[]): Promise<void> {
  const { serve } = await import('./serve.js');
  await serve(notices);
}
