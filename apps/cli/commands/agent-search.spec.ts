import { describe, expect, it } from '@jest/globals';
import type { RankedCandidate } from '../../../contracts/agent-search.js';
import { foundAgents } from './agent-search.js';

const candidate: RankedCandidate = {
  agentId: 'agent-1',
  agent: 'triage',
  version: '1.0.0',
  instanceId: 'instance-1',
  endpoint: 'http://127.0.0.1:9',
  capability: 'sort',
  contract: 'undeclared',
  score: 1,
  reason: 'expected 5 ms',
};
const unfit = { agentId: 'agent-2', agent: 'ocr', version: '2.0.0', capability: 'read', why: ['input /page may be 0'] };

describe('found agents on the terminal', () => {
  it('are the best first, with who takes anything', () => {
    expect(foundAgents({ items: [candidate], unfit: [] })).toMatch(
      /^triage +1\.0\.0 +sort \(takes anything\) +http:\/\/127\.0\.0\.1:9 +expected 5 ms$/m,
    );
  });

  it('are followed by those whose contract is in the way', () => {
    const text = foundAgents({ items: [], unfit: [unfit] });
    expect(text).toMatch(/^No live agent\.\n\nUNFIT/);
    expect(text).toMatch(/^ocr +2\.0\.0 +read +input \/page may be 0$/m);
  });
});
