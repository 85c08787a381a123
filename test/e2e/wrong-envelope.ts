import { agentRun, invalid, type Wrong } from './wrong-request.js';

const step = { name: 'one', capability: 'a' };

const memory = (change: object) => ({
  pattern: 'sequential',
  with: { steps: [{ name: 'm', call: 'memory.put', with: { key: 'k' }, ...change }] },
});

const recall = (terms: object) => agentRun({ context: { recall: terms } });

const rerun = (body: object) => ({
  path: '/v1/runs/01900000-0000-7000-8000-000000000000/rerun',
  ...invalid(body, Object.keys(body)[0] ?? ''),
});

/** What `POST /v1/runs` refuses of the parameters that all patterns have alike. */
export const WRONG_ENVELOPES: Wrong[] = [
  { what: 'a rerun of some items', ...rerun({ items: 'some', reason: 'r' }) },
  { what: 'a rerun without a reason', ...rerun({ reason: '' }) },
  { what: 'a budget without limits', ...invalid(agentRun({ budget: {} }), 'with.budget') },
  { what: 'a budget of nothing', ...invalid(agentRun({}, { budget: { costUsd: 0 } }), 'budget.costUsd') },
  { what: 'half a call', ...invalid(agentRun({ budget: { calls: 0.5 } }), 'with.budget.calls') },
  { what: 'an unknown limit', ...invalid(agentRun({}, { budget: { token: 5 } }), 'budget.token', 'tokens') },
  {
    what: 'a budget that asks for more and stops',
    ...invalid(agentRun({ budget: { calls: 1, approval: { due: 'PT1H' } } }), 'with.budget.approval'),
  },
  {
    what: 'a budget whose answer has a schema of its own',
    ...invalid(
      agentRun({ budget: { calls: 1, onExceeded: 'approval', approval: { schema: true } } }),
      'with.budget.approval.schema',
    ),
  },
  { what: 'a need of half a unit', ...invalid(agentRun({ needs: { gpu: 0.5 } }), 'with.needs.gpu') },
  { what: 'a need of what there is not', ...invalid(agentRun({ needs: { tpu: 1 } }), 'with.needs.tpu') },
  {
    what: 'a need of what there is not, of an item of many',
    path: '/v1/runs/bulk',
    ...invalid({ ...agentRun({ needs: { tpu: 1 } }), inputs: [1] }, 'with.needs.tpu'),
  },
  { what: 'a gate that checks nothing', ...invalid(agentRun({ gates: [{ maxRetries: 1 }] }), 'with.gates[0]') },
  {
    what: 'a gate of two kinds',
    ...invalid(agentRun({ gates: [{ rule: 'true', schema: true }] }), 'with.gates[0]'),
  },
  {
    what: 'a judge without a threshold',
    ...invalid(agentRun({ gates: [{ judge: { capability: 'j' } }] }), 'with.gates[0].judge.threshold'),
  },
  {
    what: 'a rule that does not compile',
    ...invalid(agentRun({ gates: [{ rule: '. >' }] }), 'with.gates[0].rule'),
    status: 422,
    code: 'expression.invalid',
  },
  {
    what: 'a gate with a schema that is none',
    ...invalid(agentRun({ gates: [{ schema: { type: 'strnig' } }] }), 'with.gates[0].schema'),
  },
  { what: 'a fallback to nobody', ...invalid(agentRun({ fallback: [{}] }), 'with.fallback[0]') },
  { what: 'an empty list of fallbacks', ...invalid(agentRun({ fallback: [] }), 'with.fallback') },
  { what: 'a hedge that may do things twice', ...invalid(agentRun({ hedge: { after: 'p95' } }), 'with.hedge') },
  {
    what: 'a hedge inside of something idempotent that is not so itself',
    ...invalid(
      {
        pattern: 'sequential',
        with: { idempotent: true, steps: [{ ...step, idempotent: false, hedge: { after: 'PT1S' } }] },
      },
      'with.steps[0].hedge',
    ),
  },
  {
    what: 'a hedge of eleven',
    ...invalid(agentRun({ idempotent: true, hedge: { after: 'p95', max: 11 } }), 'with.hedge.max'),
  },
  { what: 'a hedge after nothing', ...invalid(agentRun({ idempotent: true, hedge: {} }), 'with.hedge.after') },
  {
    what: 'a context that nobody knows',
    ...invalid(agentRun({ context: { pass: 'everything' } }), 'with.context.pass'),
  },
  {
    what: 'a compaction that nobody knows',
    ...invalid(agentRun({ context: { pass: 'all', compaction: 'keep-tool' } }), 'with.context.compaction'),
  },
  { what: 'a summary by nobody', ...invalid(agentRun({ context: { pass: 'summary' } }), 'with.context.compaction') },
  { what: 'a context of nothing', ...invalid(agentRun({ context: {} }), 'with.context.pass') },
  { what: 'a memory of nothing', ...invalid(recall({}), 'with.context.recall') },
  {
    what: 'a memory by keys and by words',
    ...invalid(recall({ keys: ['k'], query: 'words' }), 'with.context.recall'),
  },
  {
    what: 'a memory of a session without a name',
    ...invalid(recall({ scope: 'session', keys: ['k'] }), 'with.context.recall.scopeId'),
  },
  { what: 'a memory by a key that is no name', ...invalid(recall({ keys: ['a b'] }), 'with.context.recall.keys[0]') },
  {
    what: 'a memory by words that do not compile',
    ...invalid(recall({ query: '${ .text + }' }), 'with.context.recall'),
    code: 'expression.invalid',
  },
  {
    what: 'a memory by what is not known when the call is made',
    ...invalid(recall({ keys: ['${ $item.id }'] }), 'with.context.recall'),
    code: 'expression.invalid',
  },
  {
    what: 'a call of the memory that does not exist',
    ...invalid(memory({ call: 'memory.putt' }), 'with.steps[0].call', 'memory.put'),
  },
  {
    what: 'a session without a name',
    ...invalid(memory({ with: { scope: 'session', key: 'k' } }), 'with.steps[0].with.scopeId'),
  },
  { what: 'a key that is no name', ...invalid(memory({ with: { key: 'a b' } }), 'with.steps[0].with.key') },
  {
    what: 'an update beside a value',
    ...invalid(memory({ with: { key: 'k', value: 1, update: '.' } }), 'with.steps[0].with.update'),
  },
  {
    what: 'an update that does not compile',
    ...invalid(memory({ with: { key: 'k', update: '. +' } }), 'with.steps[0].with'),
    status: 422,
    code: 'expression.invalid',
  },
  {
    what: 'a definition that starts a process where none is allowed',
    body: {
      definition: {
        document: { dsl: '1.0.3', namespace: 'a', name: 'b', version: '1.0.0' },
        do: [{ list: { run: { shell: { command: 'ls' } } } }],
      },
    },
    status: 422,
    code: 'workflow.invalid',
    at: 'definition.do',
    says: /BRIKK_ALLOW_PROCESSES=shell/,
  },
];
