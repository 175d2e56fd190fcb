import { examine, type Report } from './finding.js';
import { configurationChecks } from './inside/configuration.js';
import { fileChecks } from './inside/files.js';
import { hashChecks } from './inside/hash-cost.js';
import { findInstallation } from './inside/installation.js';
import { keyChecks } from './inside/keys.js';
import { postgresChecks } from './inside/postgres.js';
import { sqliteChecks } from './inside/sqlite.js';
import { answerChecks } from './outside/answers.js';
import { exposureChecks } from './outside/exposure.js';
import { guessingChecks } from './outside/guessing.js';
import { Instance } from './outside/instance.js';
import { transportChecks } from './outside/transport.js';

const INSIDE = [
  ...configurationChecks,
  ...keyChecks,
  ...fileChecks,
  ...sqliteChecks,
  ...postgresChecks,
  ...hashChecks,
];

const OUTSIDE = [...transportChecks, ...answerChecks, ...exposureChecks, ...guessingChecks];

/** Examines the installation of the current folder, and changes nothing. @param now milliseconds since the epoch */
export function examineInstallation(now: number): Promise<Report> {
  return examine(findInstallation(now), INSIDE);
}

/** Examines a deployed instance from outside, as anyone can. */
export async function examineInstance(url: string, knownUser?: string): Promise<Report> {
  const instance = new Instance(url, knownUser);
  try {
    await instance.look('/users/me');
  } catch (error) {
    return { passed: 0, findings: [unreachable(error)] };
  }
  return examine(instance, OUTSIDE);
}

function unreachable(error: unknown): Report['findings'][number] {
  return {
    id: 'unreachable',
    severity: 'serious',
    what: `There is no answer: ${(error as Error).message}`,
    why: 'Nobody can log in, and nothing more can be examined',
    do: 'Check that the service and its proxy run, and that the address is right',
  };
}
