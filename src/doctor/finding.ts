export const SEVERITIES = ['serious', 'warning', 'note'] as const;

/** Something that an operator should know of. */
export interface Finding {
  /** Stable, for programs that read the report. */
  id: string;
  /** `serious`: it is broken or open; `warning`: it will be, or is weaker than it looks; `note`: good to know. */
  severity: (typeof SEVERITIES)[number];
  what: string;
  why: string;
  do: string;
}

/** Looks at one thing, and changes nothing. @returns nothing where all is well */
export type Check<Subject> = (subject: Subject) => Finding[] | Promise<Finding[]>;

export interface Report {
  findings: Finding[];
  /** How many checks had nothing to say. */
  passed: number;
}

/** Runs the checks one after the other. One that fails is a finding itself, and does not end the others. */
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
        what: `The check ${check.name} could not be made: ${(error as Error).message}`,
        why: 'Nothing is known about what it looks at',
        do: 'Mend what it says, and run the doctor again',
      },
    ];
  }
}
