import { z } from 'zod';
import { serveAgent } from '../../sdk/agent.js';
import { summarise } from '../algorithms/textrank.js';
import { textInput } from '../algorithms/text-input.js';

await serveAgent({
  name: 'summariser',
  version: '1.0.0',
  description: 'Picks the most central sentences of a text (TextRank).',
  capabilities: {
    summariser: {
      input: textInput.extend({ sentences: z.int().min(1).max(20).default(2) }),
      handler: ({ text, sentences }) => summarise(text, sentences),
    },
  },
});
