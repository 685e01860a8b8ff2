/** @type {import('jest').Config} */
module.exports = {
  testPathIgnorePatterns: ['/node_modules/'],
  transform: { '\\.ts$': '@swc/jest' },
  setupFilesAfterEnv: ['cdk8s-stateful/testing/jest'],
  snapshotSerializers: ['cdk8s-stateful/testing/manifest-serializer'],
};
