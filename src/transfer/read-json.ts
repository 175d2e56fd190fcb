import { isUtf8 } from 'node:buffer';
import { type FileRecord, parseRecord } from './file-record.js';
import { JsonScanner } from './json-scanner.js';

/**
 * Reads the objects of an array, one at a time, out of a JSON document of any size.
 * @param member the member of the document that is the array; without it the document itself is
 */
export async function* readJson(
  chunks: AsyncIterable<Buffer>,
  member?: string,
): AsyncGenerator<FileRecord> {
  const scanner = new JsonScanner(member);
  for await (const chunk of chunks) {
    for (const { line, bytes } of scanner.scan(chunk)) {
      yield parseRecord(line, bytes, isUtf8(bytes));
    }
    if (scanner.problem !== undefined) break;
  }
  const problem = scanner.problem ?? scanner.problemAtEnd();
  if (problem !== undefined) yield { line: scanner.line, problem };
}
