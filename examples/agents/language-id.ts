import { serveAgent } from '../../sdk/agent.js';
import { textInput } from '../algorithms/text-input.js';
import { identifyLanguage, trigramProfile } from '../algorithms/trigrams.js';
import { readData } from '../read-data.js';

const texts = readData<Record<string, string>>('languages');
const profiles = new Map(Object.entries(texts).map(([language, text]) => [language, trigramProfile(text)]));

await serveAgent({
  name: 'language-id',
  version: '1.0.0',
  description: `Tells the language of a text (${[...profiles.keys()].join(', ')}) by its trigrams.`,
  capabilities: { 'language-id': { input: textInput, handler: ({ text }) => identifyLanguage(text, profiles) } },
});
