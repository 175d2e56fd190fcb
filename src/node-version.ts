/**
 * Why the program can't run on this Node: from 24.19 on Node ends the process when a statement of
 * better-sqlite3 12 is collected, and better-sqlite3 13 leaves Node 20 behind
 * (docs/decisions/0002-esm-and-the-toolchain.md).
 * @param version as in `process.versions.node`
 * @returns the sentence that says so; undefined for a version that will do
 */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || major === 22;
  return isSupported
    ? undefined
    : `latchkey runs on Node 20.19 and later 20.x, and on Node 22; this is Node ${version}`;
}
