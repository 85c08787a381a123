import { z } from 'zod';
import { serveAgent, TaskRejected } from '../../sdk/agent.js';
import { dispatch } from '../algorithms/dispatch.js';
import { nextSpeaker } from '../algorithms/moderation.js';
import { textInput } from '../algorithms/text-input.js';
import { trainTriage, type TriageSample } from '../algorithms/triage.js';
import { readData } from '../read-data.js';

const triage = trainTriage(readData<TriageSample[]>('triage-training'));
const LEAST_CONFIDENCE = 0.3;

const entry = z.object({ id: z.string().optional(), confidence: z.number().nullish() });
const talk = z.object({
  participants: z.array(z.string()),
  messages: z.array(z.object({ from: z.string(), content: z.unknown() })),
});
const boardQuestion = z.discriminatedUnion('question', [
  z.object({
    question: z.literal('next'),
    eligible: z.array(z.object({ name: z.string(), activations: z.number() })),
  }),
  z.object({ question: z.literal('conflict'), standing: entry, proposed: entry }),
  z.object({ question: z.literal('clean'), entries: z.array(entry) }),
]);
const handedOver = z.object({ input: textInput, targets: z.array(z.string()) });

/** Who speaks next in a talk, and on a board who acts next, what stands after a conflict, what may go. */
function decide(call: unknown): unknown {
  const chat = talk.safeParse(call);
  if (chat.success) return nextSpeaker(chat.data.participants, chat.data.messages);
  const asked = boardQuestion.safeParse(call);
  if (!asked.success) throw new TaskRejected('the manager leads talks and boards, and this is neither');
  switch (asked.data.question) {
    case 'next': {
      const [least] = asked.data.eligible.toSorted((one, other) => one.activations - other.activations);
      return { activate: least ? [least.name] : [] };
    }
    case 'conflict': {
      const { standing, proposed } = asked.data;
      return { keep: sureness(proposed) > sureness(standing) ? 'proposed' : 'standing' };
    }
    case 'clean':
      return { remove: asked.data.entries.filter((one) => sureness(one) < LEAST_CONFIDENCE).map(({ id }) => id) };
  }
}

const sureness = ({ confidence }: z.infer<typeof entry>): number => confidence ?? 1;

await serveAgent({
  name: 'manager',
  version: '1.0.0',
  description: 'Leads talks and boards by rules, and hands incidents over to who should have them.',
  capabilities: {
    manager: {
      decide,
      handler: () => {
        throw new TaskRejected('the manager decides; it does no tasks');
      },
    },
    'front-desk': { input: handedOver, handler: ({ input, targets }) => dispatch(triage(input.text), targets) },
  },
});
