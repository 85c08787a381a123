import { serveAgent } from '../../sdk/agent.js';
import { findCauses } from '../algorithms/cues.js';
import { textInput } from '../algorithms/text-input.js';

await serveAgent({
  name: 'cause-finder',
  version: '1.0.0',
  description: 'Finds the sentences that say why something happened (cue words).',
  capabilities: {
    cause: {
      input: textInput,
      handler: ({ text }, { report }) => {
        const causes = findCauses(text);
        report({ confidence: causes.length === 0 ? 0.1 : Math.min(0.9, 0.5 + 0.2 * (causes[0]?.cues ?? 0)) });
        return { cause: causes[0]?.text ?? null, others: causes.slice(1).map((other) => other.text) };
      },
    },
  },
});
