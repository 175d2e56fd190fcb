import { PinoLogger } from 'nestjs-pino';
import { symbols } from 'pino';

type Line = Record<string, unknown>;

/** What the most recent app logs from now on, one parsed object per line, instead of on standard output. */
export function captureLog(): Line[] {
  const lines: Line[] = [];
  const root = PinoLogger.root as unknown as Record<symbol, { write(line: string): void }>;
  root[symbols.streamSym]!.write = (line) => void lines.push(JSON.parse(line) as Line);
  return lines;
}
