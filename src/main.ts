import { exitWith } from './exit-status.js';
import { prepareProcess } from './prepare-process.js';

prepareProcess();

// Until the app takes over, a signal ends the start at once; as a container's first process Node would ignore it.
const quit = () => process.exit(0);
process.on('SIGTERM', quit).on('SIGINT', quit);

try {
  const { start } = await import('./server/start.js');
  await start();
  process.off('SIGTERM', quit).off('SIGINT', quit);
} catch (error) {
  exitWith(error);
}
