import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Everything that leaves its file is documented; what is public API, down to the members.
const declarations = ['TSInterfaceDeclaration', 'TSTypeAliasDeclaration', 'TSEnumDeclaration', 'ExportNamedDeclaration > VariableDeclaration'];
const members = [
  'TSPropertySignature',
  'TSMethodSignature',
  'TSEnumMember',
  'PropertyDefinition[accessibility!="private"]',
  'MethodDefinition[accessibility!="private"][kind!="constructor"]',
];
const requireDocs = (contexts) => [
  'error',
  { contexts, publicOnly: { esm: true, cjs: false }, checkConstructors: false, require: { ClassDeclaration: true, FunctionDeclaration: true } },
];

// Imports go one way: engines -> core -> values, and changes -> values and a few facts of the core. Until engines and core have moved into
// wings of their own they are what is left in lib/.
const CORE_FACTS = ['./environment.ts', './private/kubernetes-names.ts'];
const everythingBut = (...names) => [`./lib/!(${names.join('|')})`, `./lib/!(${names.join('|')})/**/*`];
const wings = [
  { target: './lib/values', from: './lib', except: ['./values'], message: 'lib/values stands on nothing' },
  { target: everythingBut('values', 'changes', 'index.ts'), from: './lib/changes', message: 'neither core nor engines know the reviewer of changes' },
  { target: './lib/changes', from: './lib', except: ['./changes', './values', ...CORE_FACTS], message: 'the reviewer of changes knows any StatefulSet, and no engine' },
  { target: './examples', from: './lib', except: ['./index.ts'], message: 'examples use what users can use' },
];
// A `private` folder, and the neighbours that share it.
const PRIVATE = { files: [], mariadb: [], mysql: [], postgres: [], 'mysql-family': ['mysql', 'mariadb'], redis: ['valkey'] };
const privates = Object.entries(PRIVATE).map(([room, neighbours]) => (
  { target: everythingBut(room, ...neighbours), from: `./lib/${room}/private`, message: `private to lib/${room}` }
));

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.venv/', 'lib/**/*.js', 'lib/**/*.d.ts']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked, tseslint.configs.stylisticTypeChecked],
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js'] })] },
    languageOptions: { parserOptions: { project: 'test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'import-x/no-restricted-paths': ['error', { zones: [...wings, ...privates] }],
      'no-restricted-imports': ['error', { patterns: [{ group: ['cdk8s-plus-28/*'], message: "import { k8s } from 'cdk8s-plus-28'" }] }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // Numbers and undefined read well in messages; objects are what goes wrong.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNullish: true }],
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
        { patterns: [{ group: ['cdk8s-plus-28/*'], message: "import { k8s } from 'cdk8s-plus-28'" }, { group: ['**/test/**', '**/examples/**'] }] },
      ],
      '@typescript-eslint/explicit-member-accessibility': ['error', { overrides: { constructors: 'off' } }],
      'jsdoc/require-jsdoc': requireDocs([...declarations, ...members]),
      'jsdoc/require-description': ['error', { contexts: ['any'], checkConstructors: false, exemptedBy: ['internal', 'inheritdoc', 'see'] }],
    },
  },
  {
    files: ['lib/**/private/**/*.ts', 'lib/values/**/*.ts', 'lib/changes/{facts,rules}/**/*.ts', 'lib/changes/lock/lock-*.ts'],
    rules: { 'jsdoc/require-jsdoc': requireDocs(declarations) },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that is left out in silence is worse than none.
      'no-restricted-properties': [
        'error',
        ...['it', 'test', 'describe'].flatMap((object) => ['only', 'skip', 'todo'].map((property) => ({ object, property }))),
      ],
    },
  },
);
