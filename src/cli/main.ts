#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { exitWith } from '../exit-status.js';
import { nodeProblem } from '../node-version.js';
import { addAuditCommands } from './audit.commands.js';
import { addBackupCommands } from './backup.commands.js';
import { addClientCommands } from './client.commands.js';
import { addDoctorCommands } from './doctor.commands.js';
import { addKeyCommands } from './key.commands.js';
import { onOutputError } from './output.js';
import { addPasswordCommands } from './password.commands.js';
import { addSecretCommands } from './secret.commands.js';
import { EX_USAGE, UsageError } from './usage-error.js';
import { addTransferCommands } from './transfer.commands.js';
import { addUserCommands } from './user.commands.js';

const problem = nodeProblem(process.versions.node);
if (problem !== undefined) exitWith(problem);

process.umask(0o077);
process.stdout.on('error', onOutputError);

const program = new Command('latchkey')
  .description('Manage a latchkey service, also while it runs')
  .showHelpAfterError('Run with --help for what there is.')
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

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : EX_USAGE);
  exitWith(error, error instanceof UsageError ? EX_USAGE : undefined);
}
