import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import stylistic from '@stylistic/eslint-plugin';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Everything that leaves its file is documented; what is public API, down to the members.
const declarations = [
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
  'ExportNamedDeclaration > VariableDeclaration',
];
const members = [
  'TSPropertySignature',
  'TSMethodSignature',
  'TSEnumMember',
  'PropertyDefinition[accessibility!="private"]',
  'MethodDefinition[accessibility!="private"][kind!="constructor"]',
];
const requireDocs = (contexts) => [
  'error',
  {
    contexts,
    publicOnly: { esm: true, cjs: false },
    checkConstructors: false,
    require: { ClassDeclaration: true, FunctionDeclaration: true },
  },
];

// The wings, and what each may import besides itself. Imports go one way: engines -> core -> storage -> values; the reviewer of changes knows any
// StatefulSet, no engine, and only facts of the core.
const WINGS = {
  values: [],
  storage: ['values'],
  backups: ['values'],
  gitops: ['values'],
  core: ['values', 'storage', 'backups'],
  engines: ['values', 'storage', 'core'],
  changes: ['values', 'core/environment.ts'],
};
const wings = Object.entries(WINGS).map(([wing, others]) => ({
  target: `./lib/${wing}`,
  from: './lib',
  except: [wing, ...others].map((name) => `./${name}`),
  message: `lib/${wing} may import ${others.join(', ') || 'nothing'} only`,
}));
// A `private` folder is its wing's own, or its engine's.
const ROOMS = [
  'core',
  'storage',
  'backups',
  'gitops',
  ...['files', 'mariadb', 'mysql', 'postgres', 'redis'].map((engine) => `engines/${engine}`),
];
const privates = ROOMS.map((room) => room.split('/')).map(([wing, engine = '']) => ({
  target: [`./lib/!(${wing})/**/*`, ...(engine === '' ? [] : [`./lib/${wing}/!(${engine})/**/*`])],
  from: `./lib/${wing}/${engine}/private`,
  message: `private to lib/${wing}/${engine}`,
}));
const outside = {
  target: './examples',
  from: './lib',
  except: ['./index.ts'],
  message: 'examples use what users can use',
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.venv/', 'lib/**/*.js', 'lib/**/*.d.ts']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX, '@stylistic': stylistic },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    languageOptions: { parserOptions: { project: 'test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      // prettier breaks code; this is for comments. A text, a table and a command to paste stay whole.
      '@stylistic/max-len': [
        'error',
        {
          code: 120,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
          ignorePattern: '^ *(\\*|//) *(\\||kubectl )',
        },
      ],
      'import-x/no-restricted-paths': ['error', { zones: [...wings, ...privates, outside] }],
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['cdk8s-plus-28/*'], message: "import { k8s } from 'cdk8s-plus-28'" }] },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and undefined read well in messages; objects are what goes wrong.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      // jsii knows index signatures, not Record.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      // `a || b` is right where an empty string or a zero counts as none.
      '@typescript-eslint/prefer-nullish-coalescing': 'off',
    },
  },
  {
    files: ['lib/**/*.ts'],
    plugins: { jsdoc },
    rules: {
      'max-lines': ['error', 300],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['cdk8s-plus-28/*'], message: "import { k8s } from 'cdk8s-plus-28'" },
            { group: ['**/test/**', '**/examples/**'] },
          ],
        },
      ],
      '@typescript-eslint/explicit-member-accessibility': ['error', { overrides: { constructors: 'off' } }],
      'jsdoc/require-jsdoc': requireDocs([...declarations, ...members]),
      'jsdoc/require-description': [
        'error',
        { contexts: ['any'], checkConstructors: false, exemptedBy: ['internal', 'inheritdoc', 'see'] },
      ],
    },
  },
  {
    files: [
      'lib/**/private/**/*.ts',
      'lib/values/**/*.ts',
      'lib/changes/{facts,rules}/**/*.ts',
      'lib/changes/lock/lock-*.ts',
      'lib/core/{model,resources,script-files}.ts',
      'lib/core/render/*.ts',
      'lib/engines/{shared,mysql-common}/*.ts',
    ],
    rules: { 'jsdoc/require-jsdoc': requireDocs(declarations) },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that is left out in silence is worse than none.
      'no-restricted-properties': [
        'error',
        ...['it', 'test', 'describe'].flatMap((object) =>
          ['only', 'skip', 'todo'].map((property) => ({ object, property })),
        ),
      ],
    },
  },
);
