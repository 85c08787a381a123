import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Definition } from '../../../contracts/definition.js';
import type { TaskList } from '../../../contracts/definition-tasks.js';
import { SAMPLE_TASKS, sampleDocument } from '../../../test/definitions/sample-documents.js';
import { definitionGraph } from './definition-graph.js';
import { mermaidOf } from './mermaid.js';

const document = { dsl: '1.0.3', namespace: 'test', name: 'flow', version: '1.0.0' };
const graphOf = (list: TaskList) => definitionGraph({ document, do: list });
const arrows = (list: TaskList) =>
  graphOf(list).edges.map(
    ({ from, to, kind, label }) => `${from} ${kind} ${to}${label === undefined ? '' : `: ${label}`}`,
  );
const boxes = (list: TaskList) => graphOf(list).nodes.map(({ id, kind, parent }) => `${parent ?? ''} > ${id} ${kind}`);

describe('a definition as a graph', () => {
  it('leads from task to task, to named targets, and out', () => {
    expect(
      arrows([
        { a: { set: { n: 1 } } },
        { b: { wait: 'PT1S', if: '.late', then: 'd' } },
        { c: { switch: [{ yes: { when: '.ok', then: 'end' } }, { no: { then: 'a' } }] } },
        { d: { wait: 'PT1S', then: 'exit' } },
      ]),
    ).toEqual([
      'start flow /do/0/a',
      '/do/0/a flow /do/1/b',
      '/do/1/b case /do/2/c: unless .late',
      '/do/1/b jump /do/3/d',
      '/do/2/c case end: yes: .ok',
      '/do/2/c case /do/0/a: no',
      '/do/3/d flow end',
    ]);
  });

  it('leads from a branch to the end of the run, and nowhere else', () => {
    const branches: TaskList = [
      { stop: { wait: 'PT1S', then: 'end' } },
      { choose: { switch: [{ done: { when: '.done', then: 'end' } }, { more: { then: 'exit' } }] } },
      { goes: { wait: 'PT1S' } },
    ];
    expect(arrows([{ side: { fork: { branches } } }])).toEqual([
      'start flow /do/0/side',
      '/do/0/side/fork/branches/0/stop flow end',
      '/do/0/side/fork/branches/1/choose case end: done: .done',
      '/do/0/side flow end',
    ]);
  });

  it('holds what is done with each event, and with each message', () => {
    const foreach = { do: [{ note: { wait: 'PT1S' } }] };
    const endpoint = 'https://a.example.com/asyncapi.yaml';
    const subscription = { consume: { amount: 1 }, foreach };
    expect(
      boxes([
        { hear: { listen: { to: { any: [] } }, foreach } },
        { read: { call: 'asyncapi', with: { document: { endpoint }, operation: 'read', subscription } } },
      ]),
    ).toEqual([
      ' > start start',
      ' > /do/0/hear listen',
      '/do/0/hear > /do/0/hear/foreach/do/0/note wait',
      ' > /do/1/read call',
      '/do/1/read > /do/1/read/with/subscription/foreach/do/0/note wait',
      ' > end end',
    ]);
  });

  it('holds lists inside of the box of their task', () => {
    expect(
      boxes([
        { loop: { for: { in: '.items' }, do: [{ inner: { do: [{ last: { wait: 'PT1S' } }] } }] } },
        { side: { fork: { branches: [{ left: { wait: 'PT1S' } }, { right: { wait: 'PT1S' } }] } } },
        { risky: { try: [{ call: { call: 'agent', with: {} } }], catch: { do: [{ mend: { wait: 'PT1S' } }] } } },
      ]),
    ).toEqual([
      ' > start start',
      ' > /do/0/loop for',
      '/do/0/loop > /do/0/loop/do/0/inner do',
      '/do/0/loop/do/0/inner > /do/0/loop/do/0/inner/do/0/last wait',
      ' > /do/1/side fork',
      '/do/1/side > /do/1/side/fork/branches/0/left wait',
      '/do/1/side > /do/1/side/fork/branches/1/right wait',
      ' > /do/2/risky try',
      '/do/2/risky > /do/2/risky/try list',
      '/do/2/risky/try > /do/2/risky/try/0/call call',
      '/do/2/risky > /do/2/risky/catch list',
      '/do/2/risky/catch > /do/2/risky/catch/do/0/mend wait',
      ' > end end',
    ]);
  });

  it('shows who takes part in a pattern, also in one inside of another', () => {
    const steps = [
      { name: 'clean', capability: 'pii-scanner' },
      { name: 'award', pattern: 'market', with: { task: { capability: 'repair' } } },
    ];
    const list: TaskList = [
      { order: { call: 'sequential', with: { steps } } },
      {
        talk: { call: 'groupChat', with: { makerChecker: { maker: { agent: 'ada' }, checkers: [{ agent: 'bob' }] } } },
      },
      { team: { call: 'hierarchy', with: { tree: { members: [{ name: 'a', capability: 'x' }] } } } },
      { same: { call: 'concurrent:1.0.0@default', with: { capability: 'severity', count: 3 } } },
    ];
    const members = graphOf(list).nodes.filter(({ id }) => id.includes('/with/'));
    expect(members.map(({ id, kind, name, label }) => [id, kind, name, label])).toEqual([
      ['/do/0/order/with/steps/0', 'agent', 'clean', ''],
      ['/do/0/order/with/steps/1', 'market', 'award', ''],
      ['/do/0/order/with/steps/1/with/task', 'agent', 'repair', 'bids, and does it'],
      ['/do/1/talk/with/makerChecker/maker', 'agent', 'ada', 'makes'],
      ['/do/1/talk/with/makerChecker/checkers/0', 'agent', 'bob', 'checks'],
      ['/do/2/team/with/tree/members/0', 'agent', 'a', 'member'],
      ['/do/3/same/with/capability', 'agent', 'severity', '3 of them'],
    ]);
    expect(arrows(list)).toContain('/do/0/order/with/steps/0 flow /do/0/order/with/steps/1');
  });

  it.each<[string, object, string[]]>([
    [
      'adaptive',
      {
        candidates: [
          { name: 'quick', capability: 'x' },
          { pattern: 'market', with: { task: { capability: 'y' } } },
        ],
      },
      ['candidates/0 quick', 'candidates/1 market', 'candidates/1/with/task y'],
    ],
    [
      'concurrent',
      { agents: ['a'], aggregate: { reduce: { capability: 'sum' } } },
      ['agents/0 a', 'aggregate/reduce sum'],
    ],
    ['workers', { worker: { capability: 'w' }, synthesize: { agent: 'sum' } }, ['worker w', 'synthesize sum']],
    [
      'blackboard',
      { sources: [{ capability: 's' }], conflict: { agent: 'judge' }, cleaner: { capability: 'c' } },
      ['sources/0 s', 'conflict judge', 'cleaner c'],
    ],
  ])('shows all who take part in %s', (pattern, parameters, expected) => {
    const { nodes } = graphOf([{ a: { call: pattern, with: parameters } } as TaskList[number]]);
    const members = nodes.flatMap(({ id, name }) => (id.includes('/with/') ? [`${id.slice(13)} ${name}`] : []));
    expect(members).toEqual(expected);
  });

  const documents = fc.uniqueArray(fc.constantFrom(...Object.keys(SAMPLE_TASKS)), { minLength: 1, maxLength: 5 });

  it('has every task once, and edges between what it has', () => {
    fc.assert(
      fc.property(documents, (names) => {
        const graph = definitionGraph(sampleDocument(names) as unknown as Definition);
        const ids = graph.nodes.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        names.forEach((name, index) => expect(ids).toContain(`/do/${index}/${name}`));
        for (const { from, to } of graph.edges) expect(ids).toEqual(expect.arrayContaining([from, to]));
        for (const { parent } of graph.nodes) if (parent !== null) expect(ids).toContain(parent);
      }),
      { numRuns: 50 },
    );
  });

  it('is Mermaid text with all of it, boxes closed, and nothing of the document left as markup', () => {
    fc.assert(
      fc.property(documents, fc.string(), (names, text) => {
        const definition = sampleDocument(names) as unknown as Definition;
        definition.do.push({ [`"]<b>${text}`]: { set: '"; click n0 "javascript:x' } });
        const mermaid = mermaidOf(definitionGraph(definition));
        const lines = mermaid.split('\n').map((line) => line.trim());
        const opened = lines.filter((line) => line.startsWith('subgraph ')).length;
        expect(lines.filter((line) => line === 'end')).toHaveLength(opened);
        expect(mermaid).not.toMatch(/<b>|"; click/);
        for (const line of lines.slice(4, -1))
          expect(line).toMatch(/^(end|subgraph n\d+\["[^"]*"\]|n\d+\S*"[^"]*"\S*|n\d+ -(-|\.-)>(\|"[^"]*"\|)? n\d+)$/);
      }),
      { numRuns: 50 },
    );
  });
});
