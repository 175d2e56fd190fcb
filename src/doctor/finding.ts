export const SEVERITIES = ['serious', 'warning', 'note'] as const;

/** Something that an operator should know about. */
export interface Finding {
  /** Stable, for programs that read the report. */
  id: string;
  /** `serious`: it is broken or open; `warning`: it will be, or is weaker than it looks; `note`: good to know. */
  severity: (typeof SEVERITIES)[number];
  what: string;
  why: string;
  do: string;
}

/** Checks one thing, and changes nothing. @returns no finding where all is well */
export type Check<Subject> = (subject: Subject) => Finding[] | Promise<Finding[]>;

export interface Report {
  findings: Finding[];
  /** How many checks found nothing. */
  passed: number;
}

/** Runs the checks one after the other. A check that fails is itself a finding, and does not stop the others. */
export async function examine<Subject>(
  subject: Subject,
  checks: readonly Check<Subject>[],
): Promise<Report> {
  const findings: Finding[] = [];
  let passed = 0;
  for (const check of checks) {
    const found = await attempt(subject, check);
    findings.push(...found);
    if (found.length === 0) passed += 1;
  }
  findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  return { findings, passed };
}

async function attempt<Subject>(subject: Subject, check: Check<Subject>): Promise<Finding[]> {
  try {
    return await check(subject);
  } catch (error) {
    return [
      {
        id: 'check_failed',
        severity: 'warning',
        what: `The check ${check.name} failed: ${(error as Error).message}`,
        why: 'Nothing is known about what it examines',
        do: 'Fix the cause, and run the doctor again',
      },
    ];
  }
}
