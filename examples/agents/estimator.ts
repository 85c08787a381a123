import { serveAgent } from '../../sdk/agent.js';
import { findMeasures } from '../algorithms/cues.js';
import { type CallForBids, estimate, priceToOffer, type Rates } from '../algorithms/estimate.js';
import { summarise } from '../algorithms/textrank.js';
import { textInput } from '../algorithms/text-input.js';
import { identifyLanguage, trigramProfile } from '../algorithms/trigrams.js';
import { readData } from '../read-data.js';

/** Four agents that find what is to be done about an incident, each with its own way and its own price. */
interface Bidder {
  name: string;
  description: string;
  rates: Rates;
  confidence: number;
  /** The only language it takes. */
  language?: string;
  work: (text: string) => string[];
}

const cued = (text: string) => findMeasures(text).map((sentence) => sentence.text);
const BIDDERS: Bidder[] = [
  {
    name: 'extractor',
    description: 'Takes the sentences that speak of measures.',
    rates: { baseUsd: 0.1, usdPerThousandCharacters: 0.4, charactersPerSecond: 20_000 },
    confidence: 0.7,
    work: cued,
  },
  {
    name: 'ranker',
    description: 'Takes the three most central of the sentences that speak of measures.',
    rates: { baseUsd: 0.2, usdPerThousandCharacters: 0.45, charactersPerSecond: 8_000 },
    confidence: 0.85,
    work: (text) => summarise(cued(text).join(' '), 3).sentences.map((sentence) => sentence.text),
  },
  {
    name: 'consultant',
    description: 'Takes the last measure named, and charges for the look of it.',
    rates: { baseUsd: 0.9, usdPerThousandCharacters: 0.1, charactersPerSecond: 2_000 },
    confidence: 0.6,
    work: (text) => cued(text).slice(-1),
  },
  {
    name: 'german-desk',
    description: 'Takes the sentences that speak of measures, of German texts alone.',
    rates: { baseUsd: 0.05, usdPerThousandCharacters: 0.3, charactersPerSecond: 20_000 },
    confidence: 0.7,
    language: 'de',
    work: cued,
  },
];

const texts = readData<Record<string, string>>('languages');
const profiles = new Map(Object.entries(texts).map(([language, text]) => [language, trigramProfile(text)]));

await Promise.all(
  BIDDERS.map(({ name, description, rates, confidence, language, work }) =>
    serveAgent({
      name,
      version: '1.0.0',
      description,
      capabilities: {
        measures: {
          input: textInput,
          handler: ({ text }, { report }) => {
            report({ confidence, usage: { costUsd: estimate(text, rates).costUsd } });
            return { measures: work(text) };
          },
          bid: (call) => {
            const { task, ...auction } = call as CallForBids & { task: unknown };
            const given = textInput.safeParse(task);
            if (!given.success) return { refuse: 'the task has no text' };
            const { text } = given.data;
            if (language !== undefined && identifyLanguage(text, profiles).language !== language)
              return { refuse: `takes ${language} texts alone` };
            const { costUsd, etaMs } = estimate(text, rates);
            const price = priceToOffer(costUsd, auction);
            return price === undefined ? { refuse: `cannot do it below ${costUsd}` } : { price, etaMs, confidence };
          },
        },
      },
    }),
  ),
);
