export default {
  testEnvironment: 'node',
  globalSetup: './test/support/global-setup.mjs',
  globalTeardown: './test/support/global-teardown.mjs',
  // Two files at a time keep the machine busy: a test that takes seconds then is no fault, one that takes minutes is.
  testTimeout: 60_000,
  testMatch: ['**/*.spec.ts'],
  coveragePathIgnorePatterns: ['/node_modules/', '/dist/', '/test/'],
  // Lines of what runs inside jest; code of the sandbox and of child processes is seen by the workflow and end-to-end tests.
  coverageThreshold: {
    './apps/cli/': { lines: 85 },
    './contracts/': { lines: 90 },
    './workflows/': { lines: 90 },
    './activities/': { lines: 85 },
    './apps/worker/': { lines: 85 },
    './apps/api/': { lines: 85 },
    './connectors/': { lines: 85 },
    './database/': { lines: 85 },
    './examples/': { lines: 85 },
    './sdk/': { lines: 85 },
    './selection/': { lines: 85 },
  },
  extensionsToTreatAsEsm: ['.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
};
