import { existsSync, readdirSync } from 'node:fs';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * The rooms of src, and the files beside them, from the ground up: each may import what stands before it, and nothing
 * else (docs/architecture.md). Those in one array stand side by side.
 */
const LAYERS = [
  ['common'],
  ['module-problem', 'node-version'],
  ['exit-status'],
  ['prepare-process'],
  ['http'],
  ['config'],
  ['database', 'crypto'],
  ['audit'],
  ['passwords', 'mail'],
  ['users'],
  ['tokens'],
  ['sessions'],
  ['one-time-tokens', 'clients'],
  ['login'],
  ['accounts'],
  ['admin', 'transfer', 'backup', 'doctor'],
  ['auth'],
  ['oauth'],
  ['health', 'metrics', 'tracing'],
  ['server'],
  ['cli'],
  ['bundle'],
  ['main'],
];

/** What runs in a browser; the rest of JavaScript runs in Node. */
const PAGE_SCRIPTS = 'examples/frontend/!(serve).js';

const named = LAYERS.flat();
const present = readdirSync('src')
  .filter((name) => !name.endsWith('.spec.ts'))
  .map((name) => name.replace(/\.ts$/, ''));
const misplaced = [
  ...present.filter((name) => !named.includes(name)),
  ...named.filter((name) => !present.includes(name)),
];
if (misplaced.length > 0) throw new Error(`LAYERS and src differ in ${misplaced.join(', ')}`);

const layerRules = LAYERS.flatMap((layer, level) =>
  layer.map((name) => {
    const isFile = existsSync(`src/${name}.ts`);
    const beside = layer.filter((other) => other !== name);
    const closed = [...LAYERS.slice(level + 1).flat(), ...beside];
    const ups = isFile ? ['.'] : ['..', '../..', '../../..'];
    const group = [
      '../*/index.js',
      ...closed.flatMap((other) => ups.flatMap((up) => [`${up}/${other}/**`, `${up}/${other}.js`])),
    ];
    const message = `${name} may import only what stands before it in LAYERS, file by file`;
    return {
      files: [isFile ? `src/${name}.ts` : `src/${name}/**/*.ts`],
      rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] },
    };
  }),
);

export default tseslint.config(
  { ignores: ['build', 'build-tests', 'dist', 'coverage', 'node_modules'] },
  js.configs.recommended,
  { files: ['**/*.{js,cjs}'], ignores: [PAGE_SCRIPTS], languageOptions: { globals: globals.node } },
  { files: [PAGE_SCRIPTS], languageOptions: { globals: globals.browser } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      // Nest's modules are classes with nothing inside.
      '@typescript-eslint/no-extraneous-class': 'off',
      // DTOs and Nest's options are classes for their metadata; object literals stand for them.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 35, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/database/**'],
    rules: {
      // An open transaction on SQLite's one connection takes in the writes of other requests.
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.property.name=/^(transaction|startTransaction|save)$/]',
          message:
            'One statement is one transaction: docs/decisions/0003-one-statement-at-a-time.md',
        },
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only src/config reads the environment',
        },
      ],
    },
  },
  // One decorator a file, as long as the list of its answers.
  { files: ['src/**/*.docs.ts'], rules: { 'max-lines-per-function': 'off' } },
  { files: ['src/config/**/*.ts'], rules: { 'no-restricted-syntax': 'off' } },
  {
    files: ['test/**/*.ts', 'src/**/*.spec.ts'],
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  ...layerRules,
  prettier,
);
