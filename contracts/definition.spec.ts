import { describe, expect, it } from '@jest/globals';
import type { Definition } from './definition.js';

/** Written as a user would: that it compiles is half of the test. */
const INCIDENT: Definition = {
  document: { dsl: '1.0.3', namespace: 'support', name: 'incident', version: '1.0.0' },
  use: { retries: { gentle: { delay: 'PT2S', backoff: { exponential: {} }, limit: { attempt: { count: 4 } } } } },
  do: [
    { triage: { call: 'agent', with: { capability: 'triage', input: '${ .ticket }' }, export: { as: '.' } } },
    {
      gather: {
        fork: { branches: [{ logs: { call: 'http', with: { method: 'get', endpoint: 'https://a.example' } } }] },
      },
    },
    {
      rounds: { for: { each: 'host', in: '.hosts' }, while: '.open', do: [{ note: { set: { host: '${ $host }' } } }] },
    },
    {
      award: {
        try: [{ bid: { call: 'market', with: {} } }],
        catch: { errors: { with: { status: 500 } }, retry: 'gentle' },
      },
    },
    { route: { switch: [{ fixed: { when: '.ok', then: 'end' } }, { other: { then: 'approval' } }] } },
    { approval: { listen: { to: { one: { with: { type: 'dev.brikk.approval.v1' } } } }, timeout: { after: 'P1D' } } },
    { page: { emit: { event: { with: { type: 'page', data: { to: 'ops' } } } } } },
    { child: { run: { workflow: { namespace: 'a', name: 'b', version: '1.0.0' } } } },
    { pause: { wait: { seconds: 1 } } },
    { stop: { raise: { error: { type: 'https://brikk.dev/errors/none', status: 500 } }, if: '.stop' } },
  ],
};

describe('the type of a definition', () => {
  it('holds what a document says, and survives JSON unchanged', () => {
    expect(JSON.parse(JSON.stringify(INCIDENT))).toEqual(INCIDENT);
  });
});
