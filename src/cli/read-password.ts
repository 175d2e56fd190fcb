import { isUtf8 } from 'node:buffer';
import { terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

/** The options of a command that needs a password. */
export interface PasswordOptions {
  passwordStdin?: boolean;
}

/**
 * Reads a password from standard input, or asks for it twice without showing it. Never from an argument:
 * arguments appear in the process list and in the shell's history.
 * @throws Error in a plain sentence
 */
export async function readPassword({ passwordStdin }: PasswordOptions): Promise<string> {
  if (passwordStdin) return readStandardInput();
  if (!terminal().stdin.isTTY) {
    throw new UsageError('There is no terminal to ask on: use --password-stdin');
  }
  const first = await ask('Password:');
  const second = await ask('Confirm password:');
  if (first !== second) throw new Error('The two passwords are not the same');
  return first;
}

/** All of standard input but one trailing newline. */
async function readStandardInput(): Promise<string> {
  const { PASSWORD_LONGEST } = await import('../crypto/password-hasher.js');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of terminal().stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > PASSWORD_LONGEST + 2)
      throw new Error(`password: must have at most ${PASSWORD_LONGEST} bytes`);
  }
  const input = Buffer.concat(chunks);
  if (!isUtf8(input)) throw new Error('password: must be UTF-8');
  return input.toString().replace(/\r?\n$/, '');
}

async function ask(message: string): Promise<string> {
  const { default: password } = await import('@inquirer/password');
  try {
    const { stdin, stderr } = terminal();
    return await password({ message, mask: false }, { input: stdin, output: stderr });
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError')
      throw new Error('Nothing was changed', { cause: error });
    throw error;
  }
}
