import type { Command } from 'commander';
import { generateSecretKey } from '../config/first-start.js';
import { printLine } from './output.js';

export function addSecretCommands(program: Command): void {
  program
    .command('secret')
    .description('Secrets for the configuration')
    .command('generate')
    .description('Print a fresh random SECRET_KEY')
    .action(() => printLine(generateSecretKey()));
}
