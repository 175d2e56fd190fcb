/** `EX_CONFIG` of sysexits.h: the exit status for a configuration that can't be used. */
export const EX_CONFIG = 78;

/** The configuration can't be used; the message lists every problem, a line each, by variable. */
export class ConfigError extends Error {
  readonly exitStatus = EX_CONFIG;

  constructor(problems: readonly string[]) {
    super(['The configuration has problems:', ...problems.map((line) => `  ${line}`)].join('\n'));
    this.name = 'ConfigError';
  }
}
