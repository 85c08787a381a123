import { describe, expect, it } from '@jest/globals';
import { relevances } from './relevance.js';

const thing = (name: string, text: string, tags: string[] = []) => ({ names: [name], tags, texts: [text] });
const THINGS = [
  thing('triage', 'Severity and owner of an incident', ['operations']),
  thing('summarise', 'Makes incident reports short'),
  thing('browser', 'Opens pages and reads them'),
];

describe('relevances', () => {
  it('are highest for names, and nothing for what has no word in common', () => {
    const [triage, summarise, browser] = relevances('find me an agent for the triage of an incident', THINGS);
    expect(triage).toBeGreaterThan(summarise!);
    expect(summarise).toBeGreaterThan(0);
    expect(browser).toBe(0);
  });

  it('find words in other forms, and none that are only a little alike', () => {
    expect(relevances('summarises', THINGS)).toEqual([0, expect.any(Number), 0]);
    expect(relevances('severe', THINGS)).toEqual([expect.any(Number), 0, 0]);
    for (const word of ['sum', 'summit', 'pagoda']) expect(relevances(word, THINGS)).toEqual([0, 0, 0]);
  });

  it('are 100 for all of the words in names, and whole numbers', () => {
    expect(relevances('Triage!', THINGS)[0]).toBe(100);
    expect(relevances('operations of triage and weather', THINGS).every(Number.isInteger)).toBe(true);
  });

  it('go by fillers where there is nothing else, and are 0 without words', () => {
    expect(relevances('of an', THINGS)[0]).toBeGreaterThan(0);
    expect(relevances(' ?! ', THINGS)).toEqual([0, 0, 0]);
  });
});
