/**
 * Why the program can't run on this Node: one before 20.19 or 22.12 can't load ES modules by `require`, and 21 and 23
 * are left out by what it is made of (docs/decisions/0002-esm-and-the-toolchain.md).
 * @param version as in `process.versions.node`
 * @returns the sentence that says what to do; undefined for a version that will do
 */
export function nodeProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isSupported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  return isSupported
    ? undefined
    : `latchkey runs on Node 20.19 and later 20.x, 22.12 and later 22.x, and 24 and later: this is Node ${version}, ` +
        'install one of those, Node 24 at best';
}
