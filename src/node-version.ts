/**
 * Why the program can't run on this Node: before 20.19 it has no `require` of ES modules, 22.12 and 22.13 crash with the
 * native packages, and 21 and 23 are not supported by latchkey's dependencies
 * (docs/decisions/0002-esm-and-the-toolchain.md).
 * @param version as in `process.versions.node`
 * @returns the sentence that says what to do; undefined for a supported version
 */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 14) || major >= 24;
  return isSupported
    ? undefined
    : `latchkey needs Node 20.19 or a later 20.x, 22.14 or a later 22.x, or 24 or later: this is Node ${version}, install Node 24`;
}
