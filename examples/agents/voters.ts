import { z } from 'zod';
import { serveAgent } from '../../sdk/agent.js';
import { type Opinion, reconsider, severityByKeywords, severityByNumbers } from '../algorithms/severity.js';
import { textInput } from '../algorithms/text-input.js';
import { trainTriage, type TriageSample } from '../algorithms/triage.js';
import { readData } from '../read-data.js';

const triage = trainTriage(readData<TriageSample[]>('triage-training'));

/** Three ways to judge how severe an incident is; none of them is right alone. */
const VOTERS: Record<string, { description: string; judge: (text: string) => Opinion }> = {
  'keyword-voter': { description: 'Votes on a severity by cue words.', judge: severityByKeywords },
  'bayes-voter': {
    description: 'Votes on a severity by naive Bayes.',
    judge: (text) => {
      const { severity, confidence } = triage(text);
      return { vote: severity, reason: 'similar incidents were', confidence };
    },
  },
  'numbers-voter': { description: 'Votes on a severity by how many it hit.', judge: severityByNumbers },
};

/** The question itself, or from the second round on with what the others said. */
const question = z.union([
  textInput.transform(({ text }) => ({ text, votes: [] })),
  z
    .object({ input: textInput, votes: z.array(z.object({ vote: z.unknown() })).default([]) })
    .transform(({ input, votes }) => ({ text: input.text, votes })),
]);

await Promise.all(
  Object.entries(VOTERS).map(([name, { description, judge }]) =>
    serveAgent({
      name,
      version: '1.0.0',
      description,
      capabilities: {
        severity: {
          input: question,
          handler: ({ text, votes }, { report }) => {
            const { confidence, ...opinion } = reconsider(judge(text), votes);
            report({ confidence });
            return opinion;
          },
        },
      },
    }),
  ),
);
