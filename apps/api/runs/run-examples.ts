import type { Json } from '../../../contracts/json.js';

export const RUN_EXAMPLES: Record<string, Json> = {
  agent: { pattern: 'agent', with: { capability: 'summarise' }, input: 'The mail gateway dropped …' },
  budget: {
    pattern: 'concurrent',
    with: { items: '${ .reports }', branch: { capability: 'triage', input: '${ $item }' } },
    budget: { costUsd: 0.5, calls: 20, onExceeded: 'degrade' },
    input: { reports: ['Disk full on db-3', 'Login fails for half of the users'] },
  },
  blackboard: {
    pattern: 'blackboard',
    with: {
      board: { sections: [{ name: 'report', entries: { text: '${ .text }' } }, { name: 'findings' }] },
      sources: [
        { capability: 'triage', input: '${ .report }', writes: ['findings'] },
        { capability: 'summariser', input: '${ .report }', writes: ['findings'], when: '.findings.triage != null' },
      ],
      until: '.findings | length == 2',
    },
    input: { text: 'Disk full on db-3' },
  },
  sequential: {
    pattern: 'sequential',
    with: {
      steps: [
        { name: 'language', capability: 'language-id' },
        { name: 'summary', capability: 'summarise', input: { text: '${ $input.text }', language: '${ .language }' } },
      ],
    },
    input: { text: 'The mail gateway dropped …' },
  },
  handoff: {
    pattern: 'handoff',
    with: { targets: [{ capability: 'front-desk' }, { capability: 'billing' }, { capability: 'refunds' }], maxHops: 5 },
    input: 'I was charged twice in March',
  },
  hierarchy: {
    pattern: 'hierarchy',
    with: { manager: { capability: 'manager' }, allow: ['triage', 'summariser'], maxAgents: 20 },
    input: { text: 'The payment gateway is down since 9:40, customers are charged twice.' },
  },
  groupChat: {
    pattern: 'groupChat',
    with: { participants: [{ capability: 'optimist' }, { capability: 'sceptic' }], maxRounds: 4 },
    input: 'Should we move the mail gateway?',
  },
  makerChecker: {
    pattern: 'groupChat',
    with: {
      makerChecker: {
        maker: { capability: 'write' },
        checkers: [{ capability: 'proofread' }, { capability: 'legal' }],
      },
    },
    input: 'An answer to a customer who was charged twice',
  },
  market: {
    pattern: 'market',
    with: { task: { capability: 'summarise' }, mechanism: 'vickrey', reserve: 1, bidDeadline: 'PT2S' },
    input: 'The mail gateway dropped …',
  },
  plan: {
    pattern: 'plan',
    with: {
      goal: 'Tell the customers who were charged twice',
      planner: { capability: 'planner' },
      allow: ['find-payments', 'write', 'send-mail'],
    },
    input: { month: '2026-03' },
  },
  concurrent: {
    pattern: 'concurrent',
    with: { items: '${ .reports }', branch: { capability: 'triage', input: '${ $item }' }, aggregate: 'collect' },
    input: { reports: ['Disk full on db-3', 'Login fails for half of the users'] },
  },
  consensus: {
    pattern: 'consensus',
    with: { voters: { capability: 'triage', count: 3 }, method: 'majority', rounds: 3, share: 'reasons' },
    input: 'Disk full on db-3',
  },
  workers: {
    pattern: 'workers',
    with: {
      items: '${ .reports }',
      worker: { capability: 'triage', input: '${ $item.text }' },
      partitionKey: '.customer',
      maxAttemptsPerItem: 2,
    },
    input: { reports: [{ customer: 'acme', text: 'Disk full on db-3' }] },
  },
};
