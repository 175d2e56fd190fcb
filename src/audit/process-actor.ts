/** The actor of what no request asked for: the service itself, or an operator on the command line. */
export class ProcessActor {
  constructor(
    readonly kind: 'system' | 'cli',
    /** The operating system's user; null for the service. */
    readonly name: string | null,
  ) {}
}

export const SYSTEM = new ProcessActor('system', null);
