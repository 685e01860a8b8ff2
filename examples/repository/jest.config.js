/** @type {import('jest').Config} */
module.exports = {
  testPathIgnorePatterns: ['/node_modules/'],
  transform: { '\\.ts$': '@swc/jest' },
  setupFilesAfterEnv: ['cdk8s-stateful/lib/testing/jest'],
  snapshotSerializers: ['cdk8s-stateful/lib/testing/manifest-serializer'],
};
