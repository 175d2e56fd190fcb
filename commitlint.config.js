import { readdirSync } from 'node:fs';

/** The rooms of src, and what is beside them. */
const scopes = [
  ...readdirSync(new URL('src', import.meta.url), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name),
  'bench',
  'ci',
  'deps',
  'docs',
  'faults',
  'release',
  'test',
];

/** The commits' messages: CONTRIBUTING.md, "Commit". */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: { 'scope-enum': [2, 'always', [...new Set(scopes)]] },
};
