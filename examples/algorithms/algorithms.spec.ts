import { describe, expect, it } from '@jest/globals';
import { readData } from '../read-data.js';
import { passesIban, passesLuhn } from './checksums.js';
import { scanPii } from './pii.js';
import { extractKeywords } from './rake.js';
import { scoreSentiment } from './sentiment.js';
import { summarise } from './textrank.js';
import { trainTriage, type TriageSample } from './triage.js';
import { identifyLanguage, trigramProfile } from './trigrams.js';

const incidents = readData<{ id: string; text: string }[]>('incidents');
const textOf = (id: string) => incidents.find((incident) => incident.id === id)?.text ?? '';

describe('summary', () => {
  it('takes the sentence that shares most with the others, in text order', () => {
    const text = 'The cat sat on the mat. A cat likes the warm mat. Rain fell in Paris. The mat and the cat are old.';
    const { summary, sentences } = summarise(text, 2);
    expect(summary).not.toContain('Paris');
    expect(sentences.map(({ position }) => position)).toEqual(
      sentences.map(({ position }) => position).toSorted((a, b) => a - b),
    );
  });
  it('is empty for a text without sentences', () => {
    expect(summarise('  \n 123')).toEqual({ summary: '', sentences: [] });
  });
});

describe('keywords', () => {
  it('prefers long phrases and leaves stop words out', () => {
    const [first] = extractKeywords('The payment gateway timeout is a problem. The gateway is slow.');
    expect(first?.phrase).toBe('payment gateway timeout');
  });
});

describe('sentiment', () => {
  it('tells good from bad, and turns at a negation', () => {
    expect(scoreSentiment('The support was great and very helpful').label).toBe('positive');
    expect(scoreSentiment('The support was not great').label).toBe('negative');
    expect(scoreSentiment('The box is on the table').label).toBe('neutral');
  });
});

describe('language', () => {
  const texts = readData<Record<string, string>>('languages');
  const profiles = new Map(Object.entries(texts).map(([language, text]) => [language, trigramProfile(text)]));
  it.each([
    ['en', 'We should have told them before the meeting began'],
    ['de', 'Wir hätten es ihnen vor der Besprechung sagen müssen'],
    ['fr', 'Nous aurions dû leur dire avant le début de la réunion'],
    ['es', 'Deberíamos haberles dicho antes de que empezara la reunión'],
    ['it', 'Avremmo dovuto dirlo prima che la riunione cominciasse'],
    ['pt', 'Deveríamos ter dito isso antes de a reunião começar'],
    ['nl', 'We hadden het voor het begin van de vergadering moeten zeggen'],
  ])('knows %s', (language, text) => {
    expect(identifyLanguage(text, profiles).language).toBe(language);
  });
  it('says undetermined without words', () => {
    expect(identifyLanguage('42 + 7', profiles)).toEqual({ language: 'und', confidence: 0, ranking: [] });
  });
  it('knows the language of each shipped incident', () => {
    const found = incidents.map(({ text }) => identifyLanguage(text, profiles).language);
    expect(found).toEqual(['en', 'en', 'en', 'de', 'en']);
  });
});

describe('personal data', () => {
  it('checks numbers by their checksums', () => {
    expect(passesLuhn('4111 1111 1111 1111')).toBe(true);
    expect(passesLuhn('4111 1111 1111 1112')).toBe(false);
    expect(passesIban('DE89 3704 0044 0532 0130 00')).toBe(true);
    expect(passesIban('DE88 3704 0044 0532 0130 00')).toBe(false);
  });
  it('finds each kind once in the shipped incident and redacts it', () => {
    const { counts, redacted } = scanPii(textOf('INC-1043'));
    expect(counts).toEqual({ email: 1, phone: 1, ip: 1, card: 1, iban: 1, ssn: 1 });
    expect(redacted).not.toMatch(/4111|DE89|078-05|maria|0143|203\.0/);
  });
  it('finds none in the incidents without personal data', () => {
    const others = incidents.filter(({ id }) => id !== 'INC-1043').map(({ text }) => scanPii(text).counts);
    expect(others).toEqual([{}, {}, {}, {}]);
  });
});

describe('triage', () => {
  const samples = readData<TriageSample[]>('triage-training');
  const triage = trainTriage(samples);
  it('sorts the shipped incidents as their authors meant them', () => {
    const categories = incidents.map(({ text }) => triage(text).category);
    expect(categories).toEqual(['availability', 'performance', 'security', 'availability', 'billing']);
  });
  it('ships at least 60 samples', () => {
    expect(samples.length).toBeGreaterThanOrEqual(60);
  });
});
