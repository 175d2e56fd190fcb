/** The longest piece of input that a log line carries, in UTF-16 code units. */
const LONGEST_INPUT = 256;

/** Control, format and bidirectional characters, line separators, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Makes a piece of input safe for a log line: short, without anything that a terminal or a parser acts on. */
export function logText(input: string): string {
  const cut = input.length > LONGEST_INPUT ? `${input.slice(0, LONGEST_INPUT)}…` : input;
  return cut.replace(UNPRINTABLE, '\uFFFD');
}
