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

const delegation = z.object({ input: textInput, allow: z.array(z.string()).nullable(), maxFanOut: z.int() });
const escalation = z.object({ escalation: z.string(), attempts: z.int() });
const team = z.object({ reports: z.array(z.object({ id: z.string(), output: z.unknown() })) });
/** Who of the samples may be given a part of an incident. */
const STAFF = ['triage', 'summariser', 'keywords', 'pii-scanner', 'sentiment', 'language-id'];

/** Who does what, who speaks next in a talk, and on a board who acts next, what stands after a conflict, what may go. */
function decide(call: unknown): unknown {
  const chat = talk.safeParse(call);
  if (chat.success) return nextSpeaker(chat.data.participants, chat.data.messages);
  const incident = delegation.safeParse(call);
  if (incident.success) return delegate(incident.data);
  const trouble = escalation.safeParse(call);
  if (trouble.success) return trouble.data.attempts === 1 ? { reassign: true } : { accept: true };
  const asked = boardQuestion.safeParse(call);
  if (!asked.success) throw new TaskRejected('the manager leads teams, talks and boards, and this is none of them');
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

function delegate({ allow, maxFanOut }: z.infer<typeof delegation>): unknown {
  const staff = STAFF.filter((name) => allow === null || allow.includes(name)).slice(0, maxFanOut);
  return { subtasks: staff.map((name) => ({ id: name, capability: name })) };
}

/** What a team came to, by subtask. */
function report(call: unknown): unknown {
  const told = team.safeParse(call);
  if (!told.success) throw new TaskRejected('the manager decides and reports; it does no other tasks');
  return Object.fromEntries(told.data.reports.map(({ id, output }) => [id, output]));
}

const sureness = ({ confidence }: z.infer<typeof entry>): number => confidence ?? 1;

await serveAgent({
  name: 'manager',
  version: '1.0.0',
  description: 'Leads teams, talks and boards by rules, and hands incidents over to who should have them.',
  capabilities: {
    manager: {
      decide,
      handler: report,
    },
    'front-desk': { input: handedOver, handler: ({ input, targets }) => dispatch(triage(input.text), targets) },
  },
});
