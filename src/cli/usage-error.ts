/** The exit status for a command line that can't be carried out as written. */
export const EX_USAGE = 2;

/** The command line lacks something; the message says what to add. */
export class UsageError extends Error {
  readonly exitStatus = EX_USAGE;
}
