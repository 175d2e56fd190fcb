/** The machine lacks what the experiment needs. Never a success: nothing was shown. */
export class NotRun extends Error {
  /** @param what e.g. "root" */
  constructor(what) {
    super(`not run: needs ${what}`);
  }
}
