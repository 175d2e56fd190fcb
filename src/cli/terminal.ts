import type { Readable, Writable } from 'node:stream';

/** What a command reads from and writes to. */
export interface Terminal {
  stdin: Readable & { isTTY?: boolean };
  stdout: Writable;
  stderr: Writable & { isTTY?: boolean };
}

let current: Terminal = process;

/** The terminal of the running command. */
export const terminal = (): Terminal => current;

/** Commands run one at a time. */
export function useTerminal(of: Terminal): void {
  current = of;
}
