import { describe, expect, it } from '@jest/globals';
import { readData } from '../read-data.js';
import { adopt, findCauses, findMeasures } from './cues.js';
import { dispatch } from './dispatch.js';
import { estimate, offerByTheUnit, priceToOffer } from './estimate.js';
import { draftReport, objectionsTo, reviseReport } from './incident-report.js';
import { nextSpeaker } from './moderation.js';
import { planTasks } from './planning.js';
import { reconsider, severityByKeywords, severityByNumbers } from './severity.js';

const incidents = readData<{ id: string; title: string; text: string }[]>('incidents');
const textOf = (id: string) => incidents.find((incident) => incident.id === id)?.text ?? '';

describe('causes and measures', () => {
  it('are found in each shipped incident', () => {
    for (const { text } of incidents) {
      expect(findCauses(text).length).toBeGreaterThan(0);
      expect(findMeasures(text).length).toBeGreaterThan(0);
    }
    expect(findCauses(textOf('INC-1043'))[0]?.text).toContain('removed the ownership check');
  });
  it('are none where nothing is said of them', () => {
    expect([findCauses('It rains.'), findMeasures('It rains.')]).toEqual([[], []]);
  });
  it('are taken over from others when two of them agree', () => {
    expect(adopt(['a'], [['b', 'c'], ['a', 'c'], ['d']])).toEqual(['a', 'c']);
  });
});

describe('an estimate', () => {
  const rates = { baseUsd: 0.1, usdPerThousandCharacters: 0.4, charactersPerSecond: 1_000 };
  it('grows with the text', () => {
    expect(estimate('', rates)).toEqual({ costUsd: 0.1, etaMs: 250 });
    expect(estimate('x'.repeat(500), rates)).toEqual({ costUsd: 0.3, etaMs: 750 });
  });

  it('is spread over the units of an exchange, and takes as long as the longest task', () => {
    const lots = [
      { quantity: 2, text: 'x'.repeat(500) },
      { quantity: 3, text: '' },
    ];
    expect(offerByTheUnit(lots, rates, 4)).toEqual({ price: 0.08, etaMs: 750, quantity: 4 });
  });

  it.each([
    ['its cost where one round decides', {}, 0.4],
    ['nothing above the reserve', { reserve: 0.3 }, undefined],
    ['a margin when an English auction opens', { mechanism: 'english' }, 0.6],
    ['less than the best offer', { mechanism: 'english', best: { price: 0.6 }, minImprovement: 0.1 }, 0.53],
    ['its cost at the end', { mechanism: 'iterated', best: { price: 0.42 } }, 0.41],
    ['nothing below its cost', { mechanism: 'english', best: { price: 0.4 } }, undefined],
    ['nothing while the Dutch price is too low', { mechanism: 'dutch', price: 0.3 }, undefined],
    ['its cost once the Dutch price covers it', { mechanism: 'dutch', price: 0.5 }, 0.4],
  ])('offers %s', (_, call, price) => expect(priceToOffer(0.4, call)).toBe(price));
});

describe('a vote on the severity', () => {
  it('follows the words, or the numbers', () => {
    expect(severityByKeywords(textOf('INC-1041'))).toMatchObject({ vote: 'critical', confidence: 0.9 });
    expect(severityByKeywords('A cup is missing.')).toMatchObject({ vote: 'low' });
    const votes = ['5 users', '50 users', '500 users', '5,000 users', 'many users'].map(
      (text) => severityByNumbers(text).vote,
    );
    expect(votes).toEqual(['low', 'medium', 'high', 'critical', 'medium']);
  });

  it('gives way to a majority of the others when it is not sure, and only then', () => {
    const unsure = { vote: 'low', reason: 'a guess', confidence: 0.5 } as const;
    expect(reconsider(unsure, [{ vote: 'high' }, { vote: 'high' }]).vote).toBe('high');
    expect(reconsider(unsure, [{ vote: 'high' }, { vote: 'medium' }])).toBe(unsure);
    expect(reconsider(unsure, [])).toBe(unsure);
    const sure = { ...unsure, confidence: 0.9 };
    expect(reconsider(sure, [{ vote: 'high' }, { vote: 'high' }])).toBe(sure);
  });
});

describe('a plan', () => {
  const call = { goal: 'Summarise it', allow: ['summariser', 'pii-scanner', 'cause', 'brew'], maxTasks: 9, failed: [] };
  it('takes what the goal names', () => {
    expect(planTasks(call).map(({ capability }) => capability)).toEqual(['summariser']);
  });
  it('scans for personal data before others read, where the goal is to share', () => {
    const [scan, summary] = planTasks({ ...call, goal: 'Share a summary' });
    expect(scan).toMatchObject({ id: 'pii-scanner', input: { text: '${ .input.text }' } });
    expect(summary).toMatchObject({ id: 'summariser', dependsOn: ['pii-scanner'] });
  });
  it('takes all that it knows when the goal names none, never what failed, and no more than it may', () => {
    const capabilities = (more: object) =>
      planTasks({ ...call, goal: 'Go', ...more }).map(({ capability }) => capability);
    expect(capabilities({})).toEqual(['pii-scanner', 'summariser', 'cause']);
    expect(capabilities({ failed: [{ capability: 'cause' }] })).toEqual(['pii-scanner', 'summariser']);
    expect(capabilities({ maxTasks: 1 })).toEqual(['pii-scanner']);
  });
});

describe('a talk', () => {
  const message = (from: string, content: unknown) => ({ from, content });
  it('gives everyone the word, then who has said least, and ends when nothing new is said', () => {
    expect(nextSpeaker([], [])).toMatchObject({ end: true });
    expect(nextSpeaker(['a', 'b'], [message('a', 'disk full')])).toMatchObject({ next: 'b' });
    const heard = [message('a', 'disk full'), message('b', 'network slow')];
    expect(nextSpeaker(['a', 'b'], heard)).toMatchObject({ next: 'a', reason: 'has said least' });
    expect(nextSpeaker(['a', 'b'], [...heard, message('a', { is: 'disk full' })])).toMatchObject({ end: true });
  });
});

describe('an incident', () => {
  it('is handed over to the target of its category, else kept', () => {
    const triage = { severity: 'high', category: 'security', confidence: 0.9 } as const;
    expect(dispatch(triage, ['billing', 'security'])).toMatchObject({ handoff: { to: 'security' } });
    expect(dispatch(triage, ['billing'])).toBe(triage);
  });
});

describe('a report', () => {
  it('is objected to until it is short, complete and free of personal data', () => {
    const draft = draftReport({ title: 'Records', text: textOf('INC-1043') });
    const objections = objectionsTo(draft);
    expect(objections.map((text) => text.split(':')[0])).toEqual([
      'it holds personal data',
      'the summary is too long',
      'it does not say how severe it is',
    ]);
    const revised = reviseReport(draft, objections);
    expect(objectionsTo(revised)).toEqual([]);
    expect(JSON.stringify(revised)).not.toMatch(/maria|0143|203\.0/);
  });
  it('names a measure in the end, and leaves alone what nobody objected to', () => {
    const draft = draftReport({ text: 'It rains.', severity: 'low' });
    expect(objectionsTo(draft)).toEqual(['it names no measure']);
    const revised = reviseReport(draft, objectionsTo(draft));
    expect(objectionsTo(revised)).toEqual([]);
    expect(revised).toMatchObject({ title: 'Incident', severity: 'low', cause: 'not known yet' });
  });
});
