import { serveAgent } from '../../sdk/agent.js';
import { textInput } from '../algorithms/text-input.js';
import { trainTriage, type TriageSample } from '../algorithms/triage.js';
import { readData } from '../read-data.js';

const triage = trainTriage(readData<TriageSample[]>('triage-training'));

await serveAgent({
  name: 'triage',
  version: '1.0.0',
  description: 'Sorts incident reports by severity and category (naive Bayes).',
  capabilities: { triage: { input: textInput, handler: ({ text }) => triage(text) } },
});
