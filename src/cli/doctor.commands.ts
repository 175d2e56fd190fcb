import type { Command } from 'commander';
import { type Finding, type Report, SEVERITIES } from '../doctor/finding.js';
import { cell, printLine } from './output.js';
import { UsageError } from './usage-error.js';

interface DoctorOptions {
  url?: string;
  knownUser?: string;
  json?: boolean;
}

export function addDoctorCommands(program: Command): void {
  program
    .command('doctor')
    .description('Examine this installation, or a deployed instance from outside; changes nothing')
    .option('--url <url>', 'examine the instance at this address instead')
    .option(
      '--known-user <username>',
      'with --url: compare its login time with that of an unknown user',
    )
    .option('--json', 'as a JSON object')
    .action(runDoctor);
}

/** Ends the command with status 1; the report says why. */
class FoundSerious extends Error {
  constructor() {
    super('');
  }
}

/** @throws FoundSerious */
async function runDoctor({ url, knownUser, json = false }: DoctorOptions): Promise<void> {
  if (url !== undefined) refuseBadUrl(url);
  if (knownUser !== undefined && url === undefined) {
    throw new UsageError('--known-user goes with --url');
  }
  const { examineInstallation, examineInstance } = await import('../doctor/doctor.js');
  const { SystemClock } = await import('../common/clock.js');
  const report =
    url === undefined
      ? await examineInstallation(new SystemClock().now())
      : await examineInstance(url, knownUser);
  if (json) printLine(JSON.stringify(inJson(report), null, 2));
  else printReport(report);
  if (report.findings.some(({ severity }) => severity === 'serious')) throw new FoundSerious();
}

function refuseBadUrl(url: string): void {
  if (URL.canParse(url)) {
    const { protocol, search, hash, username, password } = new URL(url);
    if (/^https?:$/.test(protocol) && search + hash + username + password === '') return;
  }
  throw new UsageError('--url takes an address such as https://auth.example.com');
}

function inJson(report: Report) {
  return { ...counts(report), findings: report.findings };
}

function counts({ findings, passed }: Report) {
  const count = (severity: Finding['severity']) =>
    findings.filter((finding) => finding.severity === severity).length;
  return {
    serious: count('serious'),
    warnings: count('warning'),
    notes: count('note'),
    passed,
  };
}

function printReport(report: Report): void {
  for (const severity of SEVERITIES) {
    for (const finding of report.findings.filter((one) => one.severity === severity)) {
      printLine(`${severity.toUpperCase()}  ${cell(finding.what)}`);
      printLine(`  ${cell(finding.why)}`);
      printLine(`  -> ${cell(finding.do)}`);
    }
  }
  const { serious, warnings, notes, passed } = counts(report);
  printLine(
    `${serious} serious, ${counted(warnings, 'warning')}, ${counted(notes, 'note')}; ${counted(passed, 'check')} found nothing`,
  );
}

function counted(count: number, one: string): string {
  return `${count} ${count === 1 ? one : `${one}s`}`;
}
