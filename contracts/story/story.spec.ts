import { describe, expect, it } from '@jest/globals';
import { type StoryEvent, tellRun } from './story.js';

const at = '2026-01-01T00:00:00.000Z';
const tell = (...events: [type: string, data: unknown][]) =>
  tellRun(events.map(([type, data], index): StoryEvent => ({ position: index + 1, at, type, data }))).lines;
const texts = (...events: [type: string, data: unknown][]) => tell(...events).map(({ text }) => text);
const decision = (what: string, more: object = {}): [string, object] => [
  'decision',
  { what, rule: 'rule', path: '/steps/a', ...more },
];
const call = (path: string, more: object = {}): [string, object] => [
  'call.finished',
  { callKey: path.slice(1), path, agent: 'x', status: 'completed', attempts: 1, execMs: 5, output: 'hi', ...more },
];
const error = { code: 'agent.failed', message: 'no luck', retryable: false };

describe('a story', () => {
  it('passes over what it does not know, and tells an unknown decision by its own words', () => {
    expect(texts(['moon.rose', { phase: 'full' }], ['moon.set', null], decision('moon', { chosen: 'full' }))).toEqual([
      'moon by rule: full',
    ]);
  });

  it('counts the items of a bulk run once, when all have ended', () => {
    const counts = { total: 4, accepted: 0, running: 0, completed: 3, failed: 1 };
    expect(
      texts(
        ['bulk.progress', { shard: 0, counts: { ...counts, running: 1, failed: 0 } }],
        ['bulk.progress', { shard: 1, counts }],
      ),
    ).toEqual(['4 of 4 items: 3 completed, 1 failed.']);
  });

  it.each(
    [
      'bids',
      'award',
      'too few bids',
      'clearing',
      'next best',
      'left over',
      'solve round',
      'compile',
      'eligible',
      'completion',
      'work',
      'vote',
      'consensus round',
      'tie',
      'review',
      'speaker',
      'handoff',
      'plan',
      'replan',
      'activate',
      'conflict',
      'end',
      'clean',
      'merge',
      'memory',
      'memory call',
      'recall',
      'weights',
    ].map((what) => [what]),
  )('never fails on a decision "%s" that lacks what belongs to it', (what) => {
    for (const odd of [{}, { scores: null, chosen: 7 }, { scores: [1], candidates: { a: 1 }, chosen: ['a'] }])
      expect(() => tell(decision(what, odd), ['run.finished', {}])).not.toThrow();
  });

  it('names the place of a call by its key where the journal holds no path', () => {
    const { path: _path, ...data } = call('/steps/a')[1] as { path: string };
    expect(tell(['call.finished', data])[0]).toMatchObject({ place: ['a'] });
    expect(tell(['call.finished', { ...data, callKey: 'call' }])[0]).toMatchObject({ place: [] });
  });

  it('tells bids together with their award, and alone when nobody won', () => {
    const bids = decision('bids', { scores: [{ agent: 'x', status: 'offer', price: 1 }], rule: 'vickrey, round 1: …' });
    const award = decision('award', { scores: { price: 2, offered: 1, runnersUp: [2] }, chosen: 'x' });
    expect(texts(bids, award)).toEqual(['1 of 1 agent bid; x won at $1.00, paid $2.00, the second-best offer']);
    const end: [string, object] = ['run.finished', { status: 'failed', terminationReason: 'no_bids', error }];
    expect(texts(bids, end)).toEqual(['1 of 1 agent bid', 'It failed (no bids): no luck']);
    const standsIn = decision('fallback', { path: '/steps/a/stand-in/0', chosen: 'value' });
    expect(texts(bids, standsIn)).toEqual(['1 of 1 agent bid', 'fallback: a value stands in']);
    const reserve = decision('award', { scores: { price: 3, offered: 1, runnersUp: [] }, chosen: 'x' });
    expect(texts(reserve)).toEqual(['x won at $1.00, paid $3.00, the reserve']);
  });

  it('tells ten failures of a kind and then that there are more', () => {
    const failures = Array.from({ length: 40 }, (_, item) => call(`/items/${item}`, { status: 'failed', error }));
    const told = texts(...failures);
    expect(told).toHaveLength(11);
    expect(told.at(-1)).toBe('more of the same: the trace has each');
  });

  it('says of parallel work who did it, and of the first few only what they did', () => {
    const steps = Array.from({ length: 9 }, (_, item) => call(`/items/${item}/steps/a`));
    expect(tell(...steps).map(({ place }) => place[0])).toEqual([0, 1, 2, 3, 4].map((item) => `items/${item}`));
    const members = ['b', 'a', 'b'].map((agent, branch) => call(`/steps/a/branches/${branch}`, { agent }));
    const done = decision('completion', { scores: { total: 3, needed: 3, completed: 3 } });
    expect(texts(...members, done)).toEqual(['all 3 done by b and a']);
  });

  it('tells what became of a run while it went on', () => {
    expect(
      texts(
        ['run.accepted', { pattern: 'agent' }],
        ['run.started', { resumed: true }],
        ['run.paused', {}],
        ['run.resumed', {}],
        ['run.signalled', { name: 'hurry', data: { by: 'noon' } }],
        ['run.cancel_requested', {}],
        ['step.finished', { path: '/steps/a', outcome: 'partial' }],
        ['run.finished', { status: 'canceled', terminationReason: 'canceled' }],
      ),
    ).toEqual([
      'A run of the pattern agent.',
      'It was taken up again.',
      'It was paused.',
      'It goes on.',
      'It was told hurry: {"by":"noon"}',
      'Somebody asked to cancel it.',
      'ended with gaps',
      'It was canceled after 0 ms.',
    ]);
  });

  it.each([
    [
      'budget.refused',
      { callKey: 'a', place: '/', limit: 'costUsd', estimate: 0.5, left: 0.2, agent: 'x' },
      'a call of x was not made: it may take $0.50, and the budget of the run has $0.20 left',
    ],
    [
      'budget.refused',
      { callKey: 'a', place: '/steps/a', limit: 'calls', estimate: 1, left: 0, agent: null },
      'a call was not made: it may take 1 call, and the budget of /steps/a has 0 calls left',
    ],
    [
      'budget.exceeded',
      { path: '/', limit: 'costUsd', onExceeded: 'stop' },
      'the budget of cost is used up: it stops with what is there',
    ],
    [
      'budget.exceeded',
      { path: '/', limit: 'calls', onExceeded: 'approval' },
      'the budget of calls is used up: a person is asked for more',
    ],
    [
      'budget.exceeded',
      { path: '/', limit: 'wallClock', onExceeded: 'degrade' },
      'the budget of time is used up: what is there is completed',
    ],
  ])('tells of %s %j', (type, data, text) => {
    expect(tell([type, data])).toMatchObject([{ text, isTrouble: true }]);
  });

  it('says the same thing once', () => {
    const refused: [string, object] = ['budget.refused', { path: '/steps/a', place: '/', limit: 'calls', left: 0 }];
    expect(
      texts(refused, refused, call('/steps/a', { status: 'failed', error: { code: 'agent.budget' } })),
    ).toHaveLength(1);
  });

  it.each([
    [
      { what: 'speaker', chosen: 'a', scores: { reason: 'was not heard yet' } },
      'a is given the word: was not heard yet',
    ],
    [{ what: 'speaker', chosen: null, scores: { reason: 'all said' } }, 'the talk ends: all said'],
    [{ what: 'handoff', chosen: 'b', scores: { from: 'a', reason: 'a payment' } }, 'a hands over to b: a payment'],
    [{ what: 'tie', candidates: ['a', 'b'], chosen: 'a' }, 'a tie between a and b, broken by rule: a'],
    [{ what: 'fallback', chosen: { capability: 'b' } }, 'fallback: somebody with capability b stands in'],
    [{ what: 'fallback', chosen: { agent: 'b' } }, 'fallback: b stands in'],
    [{ what: 'fallback', chosen: 'value' }, 'fallback: a value stands in'],
    [{ what: 'gate', scores: ['too long'], chosen: 'retry' }, 'rule is not passed: too long; it goes back'],
    [{ what: 'gate', scores: [], chosen: 'raise' }, 'rule is not passed; the task has failed'],
    [{ what: 'gate', scores: [], chosen: 'approval' }, 'rule is not passed; a person is asked'],
    [{ what: 'fallback', chosen: 'a person' }, 'fallback: a person is asked'],
    [{ what: 'pattern', chosen: 'quick' }, 'quick does it (rule)'],
    [{ what: 'switch', rule: 'rule, after no_bids', chosen: 'b' }, 'b takes over (rule, after no_bids)'],
    [{ what: 'order', rule: 'agent', chosen: ['b', 'a'] }, 'first b and a (agent)'],
    [{ what: 'ledger', scores: { round: 2, satisfied: true, stalls: 0 }, chosen: [] }, 'round 2: the goal is met'],
    [
      { what: 'ledger', scores: { round: 1, looping: true, stalls: 2, reason: 'as before' }, chosen: ['b'] },
      'round 1: it goes in circles (as before); 2 stalls; once more b',
    ],
    [
      { what: 'ledger', scores: { round: 3, progressing: false, stalls: 1 }, chosen: [] },
      'round 3: it brought nothing; 1 stall',
    ],
    [
      { what: 'summary', scores: { finished: ['a'], failed: ['b'], open: ['c'] }, chosen: 'half of it' },
      'what there is: finished a; failed b; open c: half of it',
    ],
    [{ what: 'summary', scores: {} }, 'what there is: nothing'],
    [
      { what: 'work', scores: { total: 9, completed: 9, makespanMs: 5, copies: 2, copiesWon: 1 } },
      'all 9 items done in 5 ms; 2 slow, given to a second worker (1 faster)',
    ],
    [{ what: 'clean', chosen: ['e1'] }, 'the cleaner took away e1'],
    [{ what: 'merge', candidates: ['color'] }, 'the answers differ in color (rule)'],
    [{ what: 'eligible', candidates: ['a', 'b'], chosen: ['a'] }, '1 of 2 agents may bid'],
    [{ what: 'activate', rule: 'agent', chosen: ['a'] }, 'next, by agent: a'],
    [{ what: 'too few bids', rule: 'widen', chosen: null }, 'too few bids: everyone is asked'],
    [{ what: 'plan', chosen: 7 }, 'planned 7 items'],
    [{ what: 'memory call', rule: 'get', chosen: 'k', scores: { version: 0 } }, 'read k, where there is nothing'],
    [{ what: 'memory call', rule: 'put', chosen: 'k', scores: { version: 3 } }, 'wrote k, version 3'],
    [{ what: 'memory call', rule: 'search', chosen: 'disk', scores: { found: 1 } }, 'searched for disk: 1 entry'],
    [{ what: 'recall', rule: 'keys', chosen: ['a@1', 'b@2'], scores: { found: 2, told: 2 } }, 'recalled a and b'],
    [
      { what: 'recall', rule: 'query', chosen: ['a@1'], scores: { found: 3, told: 1 } },
      'recalled a, 2 more did not fit',
    ],
    [{ what: 'recall', rule: 'keys', chosen: [], scores: { found: 1, told: 0 } }, '1 entry of the memory did not fit'],
    [{ what: 'recall', rule: 'prefix', chosen: [], scores: { found: 0, told: 0 } }, 'there was nothing to recall'],
    [{ what: 'memory', rule: 'load', chosen: 'b', scores: { version: 0, entries: 0 } }, 'b is a new board'],
    [
      { what: 'memory', rule: 'load', chosen: 'b', scores: { version: 3, entries: 2 } },
      'the board b goes on with 2 entries',
    ],
    [
      { what: 'memory', rule: 'compare-and-set', chosen: 'b', scores: { version: 4, entries: 3, changed: 1 } },
      '1 change of the board kept in b, version 4',
    ],
    [{ what: 'weights', candidates: ['ann', 'bob'], scores: [0.9, 0.5] }, 'votes count ann 0.9 and bob 0.5'],
    [
      {
        what: 'delegation',
        rule: 'lead',
        chosen: [
          { id: 'a', by: 'a' },
          { id: 'b', by: 'x' },
        ],
        scores: { refused: [{ id: 'c', cap: 'maxFanOut' }] },
      },
      'lead hands out a and b to x; refused: c (maxFanOut)',
    ],
    [
      { what: 'escalation', rule: 'low_confidence', candidates: ['a'], chosen: 'reassigned to x' },
      'a is in trouble (low confidence): reassigned to x',
    ],
    [
      {
        what: 'hierarchy',
        scores: { agents: 4 },
        chosen: { subtasks: [{ status: 'completed', subtasks: [{ status: 'failed' }, { status: 'completed' }] }] },
      },
      '2 of 3 subtasks done, 4 managers and workers',
    ],
  ])('has words for the decision %j', (data, text) => {
    expect(texts(['decision', { path: '/', rule: 'rule', ...data }])).toEqual([text]);
  });

  it.each([
    ['a hand-over, as its decision tells it', call('/turns/0', { output: { handoff: { to: 'b' } } }), []],
    ['an answer that ends hand-overs', call('/turns/1'), ['x answered in 5 ms: hi']],
    [
      'a message of a talk',
      call('/rounds/0/turn', { output: { a: [1], b: ['c', 'd'], e: {} } }),
      ['x: a: 1, b: c; d, e: {}'],
    ],
    ['a draft', call('/revisions/1/maker'), ['x made draft 2']],
    ['a reduction', call('/reduce', { outputRef: 'r' }), ['x put the answers together in 5 ms: a large answer']],
    ['the work of a fallback', call('/fallback/0'), ['x answered in 5 ms: hi']],
    [
      'a second request beside a slow one',
      ['call.hedged', { callKey: 'steps/a', agent: 'y', afterMs: 200 }] as [string, object],
      ['no answer within 200 ms: y is asked as well'],
    ],
    ['a vote, as its round tells it', call('/rounds/1/voters/0'), []],
    ['a source with nothing to add', call('/sources/s/1', { output: { writes: [] } }), ['x had nothing to add']],
    ['a call that was stopped', call('/steps/a', { status: 'canceled' }), []],
  ])('tells %s', (_, event, told) => {
    expect(texts(event)).toEqual(told);
  });

  it('tells what was asked of persons, and what came of it', () => {
    const asked = { approvalId: 'i', path: '/steps/pay' };
    expect(
      texts(
        ['approval.opened', { ...asked, question: 'Pay 5?', assignees: ['ann'] }],
        ['run.waiting', {}],
        ['approval.expired', { ...asked, outcome: 'escalate', assignees: ['ann', 'bob'] }],
        ['approval.decided', { ...asked, decision: 'reject', by: { id: 'k', name: 'bob' }, comment: 'no' }],
      ),
    ).toEqual([
      'waits for approval by ann: Pay 5?',
      'nobody decided in time: escalate to ann and bob',
      'bob decided: reject, no',
    ]);
  });
});
