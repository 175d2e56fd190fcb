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

const types = 'build chore ci docs feat fix perf refactor revert style test'.split(' ');

/** The commits' messages: CONTRIBUTING.md, "Commit". Conventional Commits 1.0.0. */
export default {
  rules: {
    'type-empty': [2, 'never'],
    'type-enum': [2, 'always', types],
    'scope-enum': [2, 'always', [...new Set(scopes)]],
    'subject-empty': [2, 'never'],
    'subject-full-stop': [2, 'never', '.'],
    'header-max-length': [2, 'always', 120],
  },
};
