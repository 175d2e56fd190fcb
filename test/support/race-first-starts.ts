import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TemporaryFolder } from './temporary-folder.js';
import { until } from './until.js';

const RUNNER = resolve('test/support/first-start.js');

/** Makes several processes look for a key at the same moment. @returns the key that each ends with */
export async function raceFirstStarts(folder: TemporaryFolder, count: number): Promise<string[]> {
  const runners = Array.from({ length: count }, () => startRunner(folder));
  await until(() => runners.every(({ lines }) => lines().includes('ready')));
  writeFileSync(folder.join('go'), '');
  await Promise.all(runners.map(({ closed }) => closed));
  return runners.map(({ lines }) => lines()[1] ?? '');
}

function startRunner(folder: TemporaryFolder) {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [RUNNER], { cwd: folder.path, env });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  return { lines: () => output.split('\n'), closed: once(child, 'close') };
}
