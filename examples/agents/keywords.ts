import { z } from 'zod';
import { serveAgent } from '../../sdk/agent.js';
import { extractKeywords } from '../algorithms/rake.js';
import { textInput } from '../algorithms/text-input.js';

await serveAgent({
  name: 'keywords',
  version: '1.0.0',
  description: 'Finds the key phrases of a text (RAKE).',
  capabilities: {
    keywords: {
      input: textInput.extend({ limit: z.int().min(1).max(100).default(8) }),
      handler: ({ text, limit }) => ({ keywords: extractKeywords(text, limit) }),
    },
  },
});
