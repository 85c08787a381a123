import type { Json } from '../../../contracts/json.js';

/** One run of each pattern and one of a definition; the sample agents can do them all. */
export const RUN_EXAMPLES: Record<string, Json> = {
  agent: {
    pattern: 'agent',
    with: { capability: 'triage' },
    input: { text: 'Disk full on db-3, no orders are accepted' },
  },
  sequential: {
    pattern: 'sequential',
    with: {
      steps: [
        { name: 'redact', capability: 'pii-scanner' },
        { name: 'summary', capability: 'summariser', input: { text: '${ .redacted }', sentences: 1 } },
        { name: 'tone', capability: 'sentiment', input: { text: '${ .summary }' }, skipIf: '.text == ""' },
      ],
      chain: 'last',
    },
    input: {
      text: 'A release exposes personal data of customers: the login check was removed, and an attacker read invoices of bob@example.com.',
    },
  },
  concurrent: {
    pattern: 'concurrent',
    with: {
      items: '${ .reports }',
      branch: { capability: 'triage', input: { text: '${ $item }' } },
      aggregate: 'collect',
    },
    input: { reports: ['Disk full on db-3', 'Login fails for half of the users'] },
  },
  budget: {
    pattern: 'concurrent',
    with: { items: '${ .reports }', branch: { capability: 'triage', input: { text: '${ $item }' } } },
    budget: { costUsd: 0.5, calls: 20, onExceeded: 'degrade' },
    input: { reports: ['Disk full on db-3', 'Login fails for half of the users'] },
  },
  workers: {
    pattern: 'workers',
    with: {
      items: '${ .reports }',
      worker: { capability: 'triage', input: { text: '${ $item.text }' } },
      maxConcurrency: 20,
      partitionKey: '.customer',
      maxAttemptsPerItem: 2,
      synthesize: { expr: 'map(.category) | group_by(.) | map({(.[0]): length}) | add' },
    },
    input: {
      reports: [
        { customer: 'acme', text: 'Disk full on db-3' },
        { customer: 'acme', text: 'The disk of db-3 is full again' },
        { customer: 'zeta', text: 'Login fails for half of the users' },
      ],
    },
  },
  consensus: {
    pattern: 'consensus',
    with: { voters: { capability: 'severity', count: 3 }, method: 'unanimous', rounds: 3, share: 'reasons' },
    input: { text: 'Search was slow, and 312 customers sent complaints about the delay.' },
  },
  market: {
    pattern: 'market',
    with: { task: { capability: 'measures' }, mechanism: 'vickrey', reserve: 2, bidDeadline: 'PT2S' },
    input: {
      text: 'The checkout was down for 31 minutes because the database cluster lost quorum. 4,200 orders were lost. Next steps: test the failover every month.',
    },
  },
  exchange: {
    pattern: 'market',
    with: {
      mechanism: 'exchange',
      task: { capability: 'measures', input: { text: '${ .text }' } },
      items: '${ .reports }',
      limit: '.worthUsd',
      quantity: '.text | length / 100 | ceil',
      bidDeadline: 'PT2S',
    },
    input: {
      reports: [
        {
          text: 'The checkout was down for 31 minutes because the database cluster lost quorum. Next steps: test the failover every month.',
          worthUsd: 0.5,
        },
        { text: 'The disk of db-3 was full, and writes failed. We will alert at 80 % from now on.', worthUsd: 0.4 },
        {
          text: 'Search was slow for an hour, since an index was missing. The index is back. Next steps: test the query plan with each release.',
          worthUsd: 0.3,
        },
      ],
    },
  },
  solve: {
    pattern: 'market',
    with: {
      mechanism: 'solve',
      task: {
        capability: 'measures',
        input: { text: '${ $input.text }', others: '${ [$answers[].answer.measures] }' },
      },
      eligible: '.agent != "german-desk"',
      aggregate: {
        capability: 'summariser',
        input: { text: '${ [.answers[].answer.measures[]] | unique | join(" ") }', sentences: 2 },
      },
    },
    input: {
      text: 'The checkout was down for 31 minutes because the database cluster lost quorum. The standby was promoted by hand. From now on two people must be on call at night. We will alert on a lost quorum. Next steps: test the failover every month.',
    },
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
  plan: {
    pattern: 'plan',
    with: {
      goal: 'Share a short summary and the cause, without personal data',
      planner: { capability: 'planner' },
      allow: ['pii-scanner', 'summariser', 'cause', 'keywords'],
    },
    input: {
      text: 'A release exposes personal data of customers: the login check was removed, and an attacker read invoices of bob@example.com.',
    },
  },
  adaptive: {
    pattern: 'adaptive',
    with: {
      candidates: [
        {
          name: 'quick',
          capability: 'summariser',
          when: '.text | length < 500',
          input: { text: '${ .text }', sentences: 1 },
        },
        {
          name: 'thorough',
          pattern: 'plan',
          with: {
            goal: 'Share a short summary, without personal data',
            planner: { capability: 'planner' },
            allow: ['pii-scanner', 'summariser'],
          },
        },
      ],
    },
    input: { text: 'A release exposes personal data of customers: the login check was removed.' },
  },
  handoff: {
    pattern: 'handoff',
    with: {
      targets: [
        { capability: 'front-desk' },
        { name: 'security', capability: 'pii-scanner', input: '${ .input }' },
        { name: 'availability', capability: 'cause', input: '${ .input }' },
      ],
      maxHops: 5,
    },
    input: {
      text: 'A release exposes personal data of customers: the login check was removed, and an attacker read invoices of bob@example.com.',
    },
  },
  hierarchy: {
    pattern: 'hierarchy',
    with: { manager: { capability: 'manager' }, allow: ['triage', 'summariser'], maxAgents: 20 },
    input: { text: 'The payment gateway is down since 9:40, customers are charged twice.' },
  },
  groupChat: {
    pattern: 'groupChat',
    with: {
      participants: [
        { capability: 'keywords', input: '${ .input }' },
        { capability: 'sentiment', input: '${ .input }' },
        { capability: 'summariser', input: '${ .input }' },
      ],
      manager: { capability: 'manager' },
      maxRounds: 12,
    },
    input: {
      text: 'The checkout was down for 31 minutes because the database cluster lost quorum. 4,200 orders were lost. Next steps: test the failover every month.',
    },
  },
  definition: {
    definition: {
      document: { dsl: '1.0.3', namespace: 'support', name: 'incident', version: '1.0.0' },
      do: [
        {
          triage: {
            call: 'agent',
            with: { capability: 'triage', input: { text: '${ .text }' } },
            export: { as: '{ triage: . }' },
            output: { as: '$input' },
          },
        },
        {
          evidence: {
            fork: {
              branches: [
                { keywords: { call: 'agent', with: { capability: 'keywords' } } },
                { cause: { call: 'agent', with: { capability: 'cause' } } },
              ],
            },
          },
        },
        { report: { set: { triage: '${ $context.triage }', keywords: '${ .[0] }', cause: '${ .[1] }' } } },
      ],
    },
    input: { text: 'The checkout was down for 31 minutes because the database cluster lost quorum.' },
  },
  makerChecker: {
    pattern: 'groupChat',
    with: {
      makerChecker: {
        maker: { capability: 'incident-report' },
        checkers: [{ capability: 'check-report' }],
        pass: 'all',
        maxRevisions: 3,
      },
    },
    input: {
      title: 'Invoices exposed',
      severity: 'high',
      text: 'A release exposes personal data of customers: the login check was removed, and an attacker read invoices of bob@example.com. The check is back since 09:30, and the address of the attacker is blocked.',
    },
  },
};
