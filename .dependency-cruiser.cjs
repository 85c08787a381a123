/** Who may import whom: one rule a row, each with its reason. Style: CONTRIBUTING.md. */
const spec = '\\.spec\\.ts$';
/** What knows the language and no engine. */
const PURE_LANGUAGE =
  '^workflows/language/((jq|checker|graph)/|json-pointer|pattern-fields|task-kind|interpreter/(duration|event-fit|template-program))';

/** A room may import only what is listed, beside itself. Specs may also take the test support. */
const room = (name, path, allowed, comment) => ({
  name: `${name}-imports`,
  severity: 'error',
  comment,
  from: { path, pathNot: spec },
  to: { pathNot: [path, 'node_modules', ...allowed], dependencyTypesNot: ['core', 'npm', 'npm-dev'] },
});

/** Packages that a room may not touch. */
const noPackage = (name, path, packages, comment) => ({
  name: `${name}-packages`,
  severity: 'error',
  comment,
  from: { path, pathNot: spec },
  to: { path: packages.map((entry) => `node_modules/(${entry})(/|$)`) },
});

const onlyPackages = (name, path, packages, comment) => ({
  name: `${name}-packages-only`,
  severity: 'error',
  comment,
  from: { path, pathNot: spec },
  to: { path: 'node_modules/', pathNot: packages.map((entry) => `node_modules/(${entry})(/|$)`) },
});

const noBuiltins = (name, path, comment) => ({
  name: `${name}-builtins`,
  severity: 'error',
  comment,
  from: { path, pathNot: spec },
  to: { dependencyTypes: ['core'] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment: 'Two files that need each other are one idea in two places.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nobody-imports-the-edges',
      severity: 'error',
      comment: 'test, bench and examples use the product; the product does not know them.',
      from: { path: '^(apps|contracts|workflows|selection|activities|connectors|database|sdk)/', pathNot: spec },
      to: { path: '^(test|bench|examples)/' },
    },
    room('contracts', '^contracts/', [], 'Every room reads it, so it drags nothing along.'),
    onlyPackages('contracts', '^contracts/', ['zod'], 'Every room reads it, so it drags nothing along.'),
    noBuiltins('contracts', '^contracts/', 'Workflows and browsers read the contracts, too.'),
    room('workflows', '^workflows/', ['^contracts/'], 'What replays depends on nothing that acts.'),
    {
      name: 'workflows-take-types-only',
      severity: 'error',
      comment: 'A value would bring zod into the bundle, and a ZodError in the sandbox blocks the run.',
      from: { path: '^workflows/', pathNot: spec },
      to: { path: '^contracts/', dependencyTypesNot: ['type-only'] },
    },
    noBuiltins('workflows', '^workflows/', 'A Node built-in fails the bundle.'),
    {
      ...onlyPackages(
        'workflows',
        '^workflows/',
        ['@temporalio/workflow', '@temporalio/common'],
        'Time, randomness and outside effects come only through the workflow API.',
      ),
      from: { path: '^workflows/', pathNot: `${spec}|^workflows/language/checker/` },
    },
    onlyPackages('jq', '^workflows/language/jq/', [], 'One jq for all rooms, so it knows no engine.'),
    onlyPackages(
      'checker',
      '^workflows/language/checker/',
      ['yaml', 'ajv', 'ajv-formats'],
      'One checker for API, command line and browsers, so it knows no engine.',
    ),
    {
      name: 'runs-do-not-check',
      severity: 'error',
      comment: 'A definition is checked before it runs; readers of YAML and schemas are no part of the bundle.',
      from: { path: '^workflows/', pathNot: `${spec}|^workflows/language/checker/` },
      to: { path: '^workflows/language/checker/' },
    },
    room('selection', '^selection/', ['^contracts/'], 'Who gets the work is decided by one piece of pure code.'),
    onlyPackages('selection', '^selection/', [], 'Who gets the work is decided by one piece of pure code.'),
    noBuiltins('selection', '^selection/', 'Who gets the work is decided by one piece of pure code.'),
    {
      name: 'connectors-know-one-system',
      severity: 'error',
      comment: 'A connector knows one system and can be lifted out.',
      from: { path: '^connectors/([^/]+)/', pathNot: spec },
      to: { path: '^(apps|workflows|selection|activities|database|sdk)/|^connectors/(?!$1|lib)' },
    },
    noPackage('connectors', '^connectors/', ['@nestjs', '@temporalio', 'typeorm'], 'No framework and no engine.'),
    room('database', '^database/', ['^contracts/'], 'API and activities share it.'),
    noPackage('database', '^database/', ['@nestjs'], 'API and activities share it, without a framework.'),
    room(
      'activities',
      '^activities/',
      ['^contracts/', '^connectors/', '^database/', '^selection/', PURE_LANGUAGE],
      'Thin: a test calls them as functions.',
    ),
    noPackage('activities', '^activities/', ['@nestjs', '@temporalio/(worker|client|workflow)'], 'No framework.'),
    room(
      'api',
      '^apps/api/',
      ['^contracts/', '^database/', '^selection/', '^connectors/(webhook|lib)/', PURE_LANGUAGE],
      'Every other outside call is an activity.',
    ),
    noPackage('api', '^apps/api/', ['@temporalio/(worker|workflow|activity)'], 'The API only starts and steers runs.'),
    room(
      'worker',
      '^apps/worker/',
      ['^contracts/', '^activities/', '^connectors/', '^database/'],
      'Workflow code runs in the bundle, never beside it.',
    ),
    room(
      'cli',
      '^apps/cli/',
      ['^contracts/', '^database/', '^sdk/', '^connectors/lib/', '^selection/semver-range', PURE_LANGUAGE],
      'It starts the other apps as processes.',
    ),
    room('sdk', '^sdk/', ['^contracts/'], 'Users get types, not our insides.'),
    room('examples', '^examples/', ['^contracts/', '^sdk/'], 'They do what users can do.'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types'] },
  },
};
