import { terminal } from './terminal.js';

/** Shows the progress of work on a file, on standard error if that is a terminal. */
export async function withProgress<T>(
  title: string,
  total: number,
  work: (onRead: (bytes: number) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = terminal();
  if (!stderr.isTTY) return work(() => undefined);
  const { SingleBar } = (await import('cli-progress')).default;
  const bar = new SingleBar({
    format: `${title} {bar} {percentage} %`,
    barCompleteChar: '=',
    barIncompleteChar: ' ',
    clearOnComplete: true,
    stream: stderr,
  });
  bar.start(total, 0);
  try {
    return await work((bytes) => bar.increment(bytes));
  } finally {
    bar.stop();
  }
}
