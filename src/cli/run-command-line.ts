import { Command, CommanderError } from 'commander';
import { sentenceOf, statusOf } from '../exit-status.js';
import { addAuditCommands } from './audit.commands.js';
import { addBackupCommands } from './backup.commands.js';
import { addClientCommands } from './client.commands.js';
import { addDoctorCommands } from './doctor.commands.js';
import { addKeyCommands } from './key.commands.js';
import { onOutputError, printNote } from './output.js';
import { addPasswordCommands } from './password.commands.js';
import { addSecretCommands } from './secret.commands.js';
import { type Terminal, useTerminal } from './terminal.js';
import { addTransferCommands } from './transfer.commands.js';
import { EX_USAGE } from './usage-error.js';
import { addUserCommands } from './user.commands.js';

/**
 * Runs one command, in the current folder and with the environment of the process.
 * @param argv its words, without the program's
 * @returns the exit status: 0, 1 (refused), 2 (usage) or 78 (configuration)
 */
export async function runCommandLine(
  argv: readonly string[],
  terminal: Terminal = process,
): Promise<number> {
  useTerminal(terminal);
  terminal.stdout.on('error', onOutputError);
  try {
    await program(terminal).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EX_USAGE;
    const sentence = sentenceOf(error);
    if (sentence !== '') printNote(sentence);
    return statusOf(error);
  }
}

function program({ stdout, stderr }: Terminal): Command {
  const program = new Command('latchkey')
    .description('Manage a latchkey service, also while it runs')
    .showHelpAfterError('Run with --help for usage.')
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
    })
    .exitOverride();
  addUserCommands(program);
  addTransferCommands(program);
  addClientCommands(program);
  addPasswordCommands(program);
  addKeyCommands(program);
  addSecretCommands(program);
  addBackupCommands(program);
  addAuditCommands(program);
  addDoctorCommands(program);
  return program;
}
