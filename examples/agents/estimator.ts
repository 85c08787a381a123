import { z } from 'zod';
import { serveAgent } from '../../sdk/agent.js';
import { adopt, findMeasures } from '../algorithms/cues.js';
import { type CallForBids, estimate, offerByTheUnit, priceToOffer, type Rates } from '../algorithms/estimate.js';
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
  /** Units of work that it takes in one exchange. */
  capacity: number;
  /** The only language it takes. */
  language?: string;
  work: (text: string) => string[];
}

/** Beside the text what others found, when several work on it together. */
const measuresInput = textInput.extend({ others: z.array(z.array(z.string())).default([]) });

const cued = (text: string) => findMeasures(text).map((sentence) => sentence.text);
const BIDDERS: Bidder[] = [
  {
    name: 'extractor',
    description: 'Takes the sentences that speak of measures.',
    rates: { baseUsd: 0.1, usdPerThousandCharacters: 0.4, charactersPerSecond: 20_000 },
    confidence: 0.7,
    capacity: 4,
    work: cued,
  },
  {
    name: 'ranker',
    description: 'Takes the three most central of the sentences that speak of measures.',
    rates: { baseUsd: 0.2, usdPerThousandCharacters: 0.45, charactersPerSecond: 8_000 },
    confidence: 0.85,
    capacity: 6,
    work: (text) => summarise(cued(text).join(' '), 3).sentences.map((sentence) => sentence.text),
  },
  {
    name: 'consultant',
    description: 'Takes the last measure named, and charges for the look of it.',
    rates: { baseUsd: 0.9, usdPerThousandCharacters: 0.1, charactersPerSecond: 2_000 },
    confidence: 0.6,
    capacity: 12,
    work: (text) => cued(text).slice(-1),
  },
  {
    name: 'german-desk',
    description: 'Takes the sentences that speak of measures, of German texts alone.',
    rates: { baseUsd: 0.05, usdPerThousandCharacters: 0.3, charactersPerSecond: 20_000 },
    confidence: 0.7,
    capacity: 4,
    language: 'de',
    work: cued,
  },
];

const texts = readData<Record<string, string>>('languages');
const profiles = new Map(Object.entries(texts).map(([language, text]) => [language, trigramProfile(text)]));

/** The texts of the tasks that are for sale; a text why there is no offer for them. */
function textsIn(tasks: readonly unknown[], language: string | undefined): string[] | string {
  const given = tasks.map((task) => textInput.safeParse(task));
  const texts = given.flatMap(({ data }) => data?.text ?? []);
  if (texts.length < tasks.length || texts.length === 0) return 'the task has no text';
  const isForeign = (text: string) => language !== undefined && identifyLanguage(text, profiles).language !== language;
  return texts.some(isForeign) ? `takes ${language} texts alone` : texts;
}

await Promise.all(
  BIDDERS.map(({ name, description, rates, confidence, capacity, language, work }) =>
    serveAgent({
      name,
      version: '1.0.0',
      description,
      capabilities: {
        measures: {
          input: measuresInput,
          handler: ({ text, others }, { report }) => {
            report({ confidence, usage: { costUsd: estimate(text, rates).costUsd } });
            return { measures: adopt(work(text), others) };
          },
          bid: (call) => {
            const { task, tasks, ...auction } = call as CallForBids & { task: unknown };
            const texts = textsIn(tasks?.map((one) => one.task) ?? [task], language);
            if (typeof texts === 'string') return { refuse: texts };
            if (tasks !== undefined) {
              const lots = tasks.map(({ quantity }, place) => ({ quantity, text: texts[place] ?? '' }));
              return { ...offerByTheUnit(lots, rates, capacity), confidence };
            }
            const { costUsd, etaMs } = estimate(texts[0] ?? '', rates);
            const price = priceToOffer(costUsd, auction);
            return price === undefined ? { refuse: `cannot do it below ${costUsd}` } : { price, etaMs, confidence };
          },
        },
      },
    }),
  ),
);
