import { flow } from '../../sdk/client.js';

const { call, fork, jq, listen, workflow } = flow;

/** `examples/definitions/reference.yaml` in TypeScript. */
export const reference = workflow({
  namespace: 'support',
  name: 'incident',
  version: '1.2.0',
  input: { schema: { document: { type: 'object', required: ['ticket', 'budget'] } } },
  use: {
    secrets: ['pager'],
    retries: { gentle: { delay: 'PT2S', backoff: { exponential: {} }, limit: { attempt: { count: 4 } } } },
    functions: {
      classify: call('agent:1.0.0@default', { capability: 'classify', input: jq('.ticket') }),
      post: call('http', {
        method: 'post',
        endpoint: 'https://chat.example.com/messages',
        body: { channel: jq('.channel'), text: jq('.text') },
      }),
    },
  },
  do: {
    triage: call('classify', undefined, { export: { as: '$context + { triage: . }' } }),
    gather: fork(
      {
        logs: call('agent', { capability: 'log-search', input: jq('$context.ticket') }),
        partner: call(
          'a2a',
          {
            method: 'message/send',
            server: 'https://partner.example.com/a2a',
            parameters: {
              message: {
                kind: 'message',
                messageId: jq('$context.ticket.id'),
                role: 'user',
                parts: [{ kind: 'text', text: jq('$context.ticket.text') }],
              },
            },
          },
          { output: { as: '.parts[0].text' } },
        ),
      },
      {
        output: { as: { logs: jq('.[0]'), partner: jq('.[1]') } },
        export: { as: '$context + { evidence: . }' },
      },
    ),
    inspect: call(
      'workers',
      {
        items: jq('$context.evidence.logs.hosts'),
        each: 'host',
        worker: { capability: 'inspect', input: jq('$host') },
      },
      { output: { as: '{ suspects: map(select(.suspicious) | .name) }' } },
    ),
    award: flow.try(
      {
        auction: call('market', {
          task: { capability: 'repair', input: { hosts: jq('.suspects') } },
          mechanism: 'vickrey',
          bidDeadline: 'PT20S',
          reserve: jq('$context.budget'),
          eligible: '.successRate == null or .successRate > 0.5',
        }),
      },
      {
        errors: { with: { type: 'https://brikk.dev/errors/no_bids' } },
        retry: 'gentle',
        do: { fallback: call('agent', { agent: 'senior' }) },
      },
      { export: { as: '$context + { repaired: . }' } },
    ),
    diagnose: call(
      'blackboard',
      {
        board: {
          sections: [
            {
              name: 'facts',
              entries: { logs: jq('$context.evidence.logs'), partner: jq('$context.evidence.partner') },
            },
            { name: 'ideas' },
          ],
        },
        sources: [
          { capability: 'propose', writes: ['ideas'], when: '(.ideas | length) < 3' },
          { capability: 'verify', writes: ['ideas'], when: 'any(.ideas[]?; .ok == null)' },
        ],
        until: 'any(.ideas[]?; .ok)',
      },
      {
        output: { as: '{ cause: (.board.ideas | map(select(.ok)) | max_by(.confidence)) }' },
        export: { as: '$context + .' },
      },
    ),
    remediate: call(
      'plan',
      {
        goal: 'Fix: ${ .cause.text }',
        planner: { capability: 'remedy' },
        allow: ['drain', 'restart'],
        maxReplans: 0,
        approval: jq('if $context.triage.critical then "plan" else "none" end'),
      },
      { metadata: { brikk: { output: 'result' } }, export: { as: '$context + { remedy: .output }' } },
    ),
    route: flow.switch({
      fixed: { when: '.status == "completed"', then: 'report' },
      other: { then: 'escalate' },
    }),
    escalate: call(
      'hierarchy',
      {
        manager: { capability: 'incident-lead' },
        allow: ['vendor', 'inform'],
        input: jq('$context.ticket'),
        maxDepth: 2,
      },
      { export: { as: '$context + { escalated: . }' } },
    ),
    approval: listen(
      {
        one: {
          with: { type: 'dev.brikk.approval.v1' },
          correlate: { id: { from: '.data.id', expect: jq('$context.ticket.id') } },
        },
      },
      { timeout: { after: 'P1D' } },
    ),
    page: call('http', {
      method: 'post',
      endpoint: {
        uri: 'https://pager.example.com/pages',
        authentication: { bearer: { token: jq('$secrets.pager.token') } },
      },
      body: { ticket: jq('$context.ticket.id'), by: jq('.[0].by') },
    }),
    report: call('post', { channel: '#ops', text: 'Done: ${ $context.ticket.title }' }),
  },
  output: {
    as: {
      triage: jq('$context.triage'),
      repaired: jq('$context.repaired'),
      cause: jq('$context.cause.text'),
      remedy: jq('$context.remedy'),
      escalated: jq('$context.escalated'),
      told: jq('.'),
    },
  },
});
