import { flow } from '../../sdk/client.js';

const { call, fork, jq, set, wait } = flow;

/** Reports are judged and searched side by side, urgent ones go to auction, and somebody is told. */
export const incident = flow.workflow({
  namespace: 'support',
  name: 'incident',
  version: '1.0.0',
  use: { retries: { gentle: { delay: 'PT2S', backoff: { exponential: {} }, limit: { attempt: { count: 3 } } } } },
  do: {
    triage: call('agent', { capability: 'triage', input: { text: jq('.text') } }, { export: { as: '{ triage: . }' } }),
    evidence: fork({
      keywords: call('agent', { capability: 'keywords', input: { text: jq('$workflow.input.text') } }),
      cause: call('agent', { capability: 'cause', input: { text: jq('$workflow.input.text') } }),
    }),
    route: flow.switch({
      urgent: { when: '$context.triage.severity == "high"', then: 'repair' },
      other: { then: 'report' },
    }),
    repair: flow.try(
      { award: call('market', { task: { capability: 'measures' }, mechanism: 'vickrey', bidDeadline: 'PT2S' }) },
      { retry: 'gentle', do: { later: wait('PT1S') } },
    ),
    report: set({ severity: jq('$context.triage.severity'), found: jq('.') }),
  },
});
