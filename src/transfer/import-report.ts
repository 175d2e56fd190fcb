/** A remark about a place in the file. */
export interface Remark {
  line: number;
  name: string | undefined;
}

type Refusal = Remark & { problem: string };
type LeftOut = Remark & { leftOut: string };

/** How many remarks of a kind are listed; the rest is counted. */
const MOST_NAMED = 100;

/** The outcome for the users of a file. */
export class ImportReport {
  /** Users who can be imported, or were. */
  added = 0;
  /** Users who existed already. */
  present = 0;
  refused = 0;
  leftOut = 0;
  readonly refusals: Refusal[] = [];
  readonly omissions: LeftOut[] = [];

  refuse(refusal: Refusal): void {
    if (this.refused++ < MOST_NAMED) this.refusals.push(refusal);
  }

  leaveOut(omission: LeftOut): void {
    if (this.leftOut++ < MOST_NAMED) this.omissions.push(omission);
  }
}
