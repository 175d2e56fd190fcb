/** A place in the file that there is something to say about. */
export interface Remark {
  line: number;
  name: string | undefined;
}

type Refusal = Remark & { problem: string };
type LeftOut = Remark & { leftOut: string };

/** How many of a kind are named; the rest is counted. */
const MOST_NAMED = 100;

/** What came of the users of a file. */
export class ImportReport {
  /** Users who can be imported, or were. */
  added = 0;
  /** Users who were there already. */
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
