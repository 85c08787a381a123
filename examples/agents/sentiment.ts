import { serveAgent } from '../../sdk/agent.js';
import { scoreSentiment } from '../algorithms/sentiment.js';
import { textInput } from '../algorithms/text-input.js';

await serveAgent({
  name: 'sentiment',
  version: '1.0.0',
  description: 'Scores the tone of an English text by a lexicon.',
  capabilities: { sentiment: { input: textInput, handler: ({ text }) => scoreSentiment(text) } },
});
