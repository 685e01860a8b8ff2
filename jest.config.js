/** @type {import('jest').Config} */
module.exports = {
  roots: ['lib', 'examples', 'test'].map((folder) => `<rootDir>/${folder}`), // not the thousands of files in .venv
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/e2e/', '<rootDir>/test/bench/'],
  // TypeScript first: after a build, lib/ holds both, and the sources are what is tested.
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: { '\\.ts$': '<rootDir>/test/ts-node-transformer.js' },
  snapshotSerializers: ['<rootDir>/lib/changes/testing/manifest-serializer.ts'],
};
