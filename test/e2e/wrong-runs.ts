import { agentRun, invalid, raw, type Wrong } from './wrong-request.js';

const steps = (...list: unknown[]) => ({ pattern: 'sequential', with: { steps: list } });
const step = { name: 'one', capability: 'a' };
const concurrent = (parameters: object) => ({ pattern: 'concurrent', with: parameters });
const consensus = (extra: object) => ({ pattern: 'consensus', with: { voters: { agents: ['a', 'b'] }, ...extra } });
const adaptive = (extra: object, second: object = { capability: 'b' }) => ({
  pattern: 'adaptive',
  with: {
    candidates: [
      { name: 'one', capability: 'a' },
      { name: 'two', ...second },
    ],
    ...extra,
  },
});
const plan = (extra: object) => ({
  pattern: 'plan',
  with: { goal: 'g', planner: { capability: 'a' }, allow: ['a'], ...extra },
});
const workers = (extra: object) => ({
  pattern: 'workers',
  with: { items: [1], worker: { capability: 'a' }, group: ['a'], ...extra },
});
const deep = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels)) as unknown;

const bulk = (body: object, at: string, didYouMean?: string) => ({
  path: '/v1/runs/bulk',
  ...invalid({ pattern: 'agent', with: { capability: 'a' }, inputs: [1], ...body }, at, didYouMean),
});

/** What `POST /v1/runs/bulk` refuses; nothing of it is then on record. */
export const WRONG_BULKS: Wrong[] = [
  { what: 'a bulk run without items', ...bulk({ inputs: [] }, 'inputs') },
  { what: 'a bulk run whose inputs are no list', ...bulk({ inputs: { a: 1 } }, 'inputs') },
  { what: 'a bulk run of 10,001 items', ...bulk({ inputs: Array.from({ length: 10_001 }, () => 1) }, 'inputs') },
  { what: 'an item with U+0000', ...bulk({ inputs: [1, 2, { text: 'x\0y' }] }, 'inputs[2].text') },
  {
    what: 'an item of more than 1 MiB',
    ...bulk({ inputs: [1, Array.from({ length: 5 }, () => 'x'.repeat(250_000))] }, 'inputs[1]'),
  },
  {
    what: 'a bulk run with parameters of more than 512 KiB',
    ...bulk(
      { with: { capability: 'a', input: ['x'.repeat(200_000), 'x'.repeat(200_000), 'x'.repeat(200_000)] } },
      'with',
    ),
  },
  { what: 'a bulk run with one input', ...bulk({ input: 1 }, 'input', 'inputs') },
  { what: 'a bulk run of a pattern that does not exist', ...bulk({ pattern: 'agnet' }, 'pattern', 'agent') },
  { what: 'a bulk run with a wrong parameter', ...bulk({ with: { capabilty: 'a' } }, 'with.capabilty', 'capability') },
  { what: 'a bulk run with a budget of nothing', ...bulk({ budget: { onExceeded: 'stop' } }, 'budget') },
  { what: 'a bulk run with a budget that is misspelt', ...bulk({ budget: { calls: 1, cost: 2 } }, 'budget.cost') },
  { what: 'a bulk run with nothing under way', ...bulk({ maxConcurrency: 0 }, 'maxConcurrency') },
  { what: 'a bulk run with 1,001 under way', ...bulk({ maxConcurrency: 1_001 }, 'maxConcurrency') },
  {
    what: 'a bulk run with jq that does not compile',
    ...bulk({ with: { capability: 'a', input: '${ .a | }' } }, 'with.input'),
    code: 'expression.invalid',
  },
];

/** What `POST /v1/runs` refuses. */
export const WRONG_RUNS: Wrong[] = [
  { what: 'broken JSON', ...raw('{"pattern": ', /ends too early/) },
  { what: 'a JSON text with a trailing comma', ...raw('{"pattern":\n "agent",}', /line 2, column 10/) },
  { what: 'NaN', ...raw('{"input": NaN}', /unexpected "N"/) },
  { what: 'a raw control character', ...raw('{"input": "a\u0001b"}', /line 1, column 13/) },
  { what: 'no body', ...invalid(undefined, 'body') },
  { what: 'a list', ...invalid([], 'body') },
  { what: 'a string', ...invalid('"run"', 'body') },
  { what: 'null', ...invalid('null', 'body') },
  { what: 'an empty object', ...invalid({}, 'pattern') },
  { what: 'a pattern that does not exist', ...invalid({ pattern: 'sequentail', with: {} }, 'pattern', 'sequential') },
  { what: 'a pattern of another type', ...invalid({ pattern: 7, with: {} }, 'pattern') },
  { what: 'no parameters', ...invalid({ pattern: 'agent' }, 'with') },
  { what: 'an unknown field of a run', ...invalid({ ...agentRun(), lables: {} }, 'lables', 'labels') },
  { what: 'an unknown parameter', ...invalid(agentRun({ timeuot: 'PT1S' }), 'with.timeuot', 'timeout') },
  { what: 'neither an agent nor a capability', ...invalid(agentRun({ capability: undefined }), 'with') },
  { what: 'a name with a space', ...invalid(agentRun({ capability: 'a b' }), 'with.capability') },
  { what: 'a name of 129 characters', ...invalid(agentRun({ capability: 'a'.repeat(129) }), 'with.capability') },
  { what: 'a number for a name', ...invalid(agentRun({ capability: 1 }), 'with.capability') },
  {
    what: 'a policy that does not exist',
    ...invalid(agentRun({ select: 'least-bussy' }), 'with.select', 'least-busy'),
  },
  {
    what: 'a delegated choice without anybody who chooses',
    ...invalid(agentRun({ select: 'delegated' }), 'with.select'),
  },
  {
    what: 'a coordinator that is nobody',
    ...invalid(agentRun({ select: 'delegated', coordinator: { within: 'PT1S' } }), 'with.coordinator'),
  },
  {
    what: 'a window of a distribution that has none',
    ...invalid(agentRun({ distribution: { policy: 'queued', window: 'PT1S' } }), 'with.distribution.policy'),
  },
  { what: 'a distribution that nobody knows', ...invalid(agentRun({ distribution: 'later' }), 'with.distribution') },
  { what: 'a sticky key without sticky', ...invalid(agentRun({ stickyKey: '.customer' }), 'with.stickyKey') },
  {
    what: 'a sticky key that is no jq',
    ...invalid(agentRun({ select: 'sticky', stickyKey: '.customer[' }), 'with.stickyKey'),
    code: 'expression.invalid',
  },
  { what: 'a duration that is none', ...invalid(agentRun({ timeout: { attempt: '30s' } }), 'with.timeout.attempt') },
  { what: 'a duration of two years', ...invalid(agentRun({ timeout: { total: 'P730D' } }), 'with.timeout.total') },
  {
    what: 'a negative duration',
    ...invalid(agentRun({ timeout: { total: { seconds: -1 } } }), 'with.timeout.total.seconds'),
  },
  { what: 'a quorum above the voters', ...invalid(consensus({ quorum: 3 }), 'with.quorum') },
  { what: 'a veto of a stranger', ...invalid(consensus({ veto: ['c'] }), 'with.veto') },
  { what: 'weights that nothing weighs', ...invalid(consensus({ weights: { a: 2 } }), 'with.weights') },
  { what: 'a score without a threshold', ...invalid(consensus({ method: 'score' }), 'with.method') },
  { what: 'workers without items', ...invalid(workers({ items: undefined }), 'with.items') },
  { what: 'learning without a name for it', ...invalid(adaptive({ by: 'learned' }), 'with.key') },
  {
    what: 'a candidate of a pattern that does not exist',
    ...invalid(adaptive({}, { pattern: 'plam', with: {} }), 'with.candidates[1].pattern', 'plan'),
  },
  {
    what: 'a name with a space for who orders tasks',
    ...invalid(plan({ prioritise: { capability: 'a b' } }), 'with.prioritise.capability'),
  },
  { what: 'more past plans than a planner is told of', ...invalid(plan({ history: 11 }), 'with.history') },
  { what: 'a name of items that is taken', ...invalid(workers({ each: 'input' }), 'with.each') },
  { what: 'second copies of work that is not idempotent', ...invalid(workers({ speculate: {} }), 'with.speculate') },
  { what: 'a group whose worker is one agent', ...invalid(workers({ worker: { agent: 'a' } }), 'with.worker') },
  {
    what: 'a partition key that does not compile',
    ...invalid(workers({ partitionKey: '.a |' }), 'with.partitionKey'),
    status: 422,
    code: 'expression.invalid',
  },
  { what: 'no attempts', ...invalid(agentRun({ retry: { maxAttempts: 0 } }), 'with.retry.maxAttempts') },
  { what: 'half an attempt', ...invalid(agentRun({ retry: { maxAttempts: 1.5 } }), 'with.retry.maxAttempts') },
  { what: 'a version range that is none', ...invalid(agentRun({ version: 'newest please' }), 'with.version') },
  {
    what: 'an output schema of an unknown type',
    ...invalid(agentRun({ outputSchema: { type: 'strnig' } }), 'with.outputSchema'),
    says: /type must be one of array, boolean/,
  },
  { what: 'no steps', ...invalid(steps(), 'with.steps') },
  { what: 'a step without a name', ...invalid(steps(step, { capability: 'a' }), 'with.steps[1].name') },
  {
    what: 'a step with a number for a name',
    ...invalid(steps(step, step, { ...step, name: 3 }), 'with.steps[2].name'),
  },
  {
    what: 'an unknown field of a step',
    ...invalid(steps({ ...step, capabilty: 'b' }), 'with.steps[0].capabilty', 'capability'),
  },
  { what: 'two steps of one name', ...invalid(steps(step, step), 'with.steps') },
  {
    what: 'a nested pattern that does not exist',
    ...invalid(steps({ name: 'n', pattern: 'agnet', with: {} }), 'with.steps[0].pattern', 'agent'),
  },
  {
    what: 'a nested step without a name',
    ...invalid(steps({ name: 'n', ...steps({ capability: 'a' }) }), 'with.steps[0].with.steps[0].name'),
  },
  { what: 'no branches', ...invalid(concurrent({}), 'with.branches') },
  { what: 'items without a branch', ...invalid(concurrent({ items: [1] }), 'with.branch') },
  {
    what: 'a quorum of nobody',
    ...invalid(concurrent({ capability: 'a', count: 2, completion: { quorum: 0 } }), 'with.completion.quorum'),
  },
  {
    what: 'a vote that does not exist',
    ...invalid(
      concurrent({ capability: 'a', count: 2, aggregate: { vote: 'majorty' } }),
      'with.aggregate.vote',
      'majority',
    ),
  },
  {
    what: 'jq that does not compile',
    body: agentRun({ input: '${ .a | }' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.input',
  },
  {
    what: 'a jq function that does not exist',
    body: steps({ ...step, skipIf: 'nope(1)' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.steps[0].skipIf',
  },
  {
    what: 'a limit of items that does not compile',
    body: {
      pattern: 'market',
      with: { task: { capability: 'a' }, mechanism: 'exchange', items: [1], limit: '.x |' },
    },
    status: 422,
    code: 'expression.invalid',
    at: 'with.limit',
  },
  {
    what: 'jq that is not closed',
    body: agentRun({ input: '${ .a' }),
    status: 422,
    code: 'expression.invalid',
    at: 'with.input',
  },
  {
    what: 'jq that stands half outside of its braces',
    body: steps({ ...step, skipIf: '${ .n } > 3' }),
    status: 422,
    says: /all of it inside/,
    code: 'expression.invalid',
    at: 'with.steps[0].skipIf',
  },
  { what: 'a deadline of zero', ...invalid(agentRun({}, { deadlineMs: 0 }), 'deadlineMs') },
  { what: 'a deadline of text', ...invalid(agentRun({}, { deadlineMs: '5' }), 'deadlineMs') },
  { what: 'a label that is an object', ...invalid(agentRun({}, { labels: { a: {} } }), 'labels.a') },
  { what: 'a label with a space in its name', ...invalid(agentRun({}, { labels: { 'a b': 'x' } }), 'labels["a b"]') },
  {
    what: '33 labels',
    ...invalid(
      agentRun({}, { labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`l${i}`, 'x'])) }),
      'labels',
    ),
  },
  { what: 'a priority that does not exist', ...invalid(agentRun({}, { priority: 'hihg' }), 'priority', 'high') },
  { what: 'a huge number', ...invalid('{"pattern":"agent","with":{"capability":"a"},"input":{"n":1e999}}', 'input.n') },
  { what: 'nesting of 101 levels', ...invalid(agentRun({}, { input: deep(101) }), 'input[0][0][0][0][0][0][0]') },
  {
    what: 'nesting of 100,000 levels',
    ...invalid('['.repeat(100_000) + ']'.repeat(100_000), '[0][0][0][0][0][0][0][0]'),
  },
  { what: 'a string of more than 256 KiB', ...invalid(agentRun({}, { input: 'x'.repeat(262_145) }), 'input') },
  { what: 'a list of 10,001', ...invalid(agentRun({}, { input: Array.from({ length: 10_001 }, () => 1) }), 'input') },
  { what: 'U+0000 in a value', ...invalid(agentRun({}, { input: { a: 'x\0y' } }), 'input.a') },
  { what: 'U+0000 in a name', ...invalid(agentRun({}, { input: { 'x\0y': 1 } }), 'input') },
  {
    what: 'half a surrogate pair',
    ...invalid('{"pattern":"agent","with":{"capability":"a"},"input":"\\ud800"}', 'input'),
  },
  {
    what: 'a body of more than 1 MiB',
    body: JSON.stringify({ input: 'x'.repeat(1_100_000) }),
    status: 413,
    code: 'body.too_large',
    at: 'body',
  },
  {
    what: 'a form',
    body: 'a=b',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    status: 415,
    code: 'body.unsupported_type',
    at: 'Content-Type',
  },
  {
    what: 'another charset',
    body: '{}',
    headers: { 'content-type': 'application/json; charset=latin1' },
    status: 415,
    code: 'body.unsupported_type',
  },
  {
    what: 'a compressed body',
    body: '{}',
    headers: { 'content-encoding': 'gzip' },
    status: 415,
    code: 'body.unsupported_type',
    at: 'Content-Encoding',
  },
  {
    what: 'an answer as XML',
    body: agentRun(),
    headers: { accept: 'application/xml' },
    status: 406,
    code: 'request.not_acceptable',
    at: 'Accept',
  },
  {
    what: 'an idempotency key of 256 characters',
    ...invalid(agentRun(), 'Idempotency-Key'),
    headers: { 'idempotency-key': 'k'.repeat(256) },
  },
  { what: 'a wait that is none', path: '/v1/runs?wait=soon', ...invalid(agentRun(), 'wait') },
  { what: 'a wait of two minutes', path: '/v1/runs?wait=99s', ...invalid(agentRun(), 'wait') },
  { what: 'an unknown query field on a start', path: '/v1/runs?async=1', ...invalid(agentRun(), 'async') },
  {
    what: 'a board in the memory of a nameless session',
    ...invalid(
      {
        pattern: 'blackboard',
        with: { sources: [{ capability: 'a' }], board: { memory: { scope: 'session', key: 'b' } } },
      },
      'with.board.memory.scopeId',
    ),
  },
];
