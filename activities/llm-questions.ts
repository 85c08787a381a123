import { z } from 'zod';
import { type AgentRequest, bidOutputSchema } from '../contracts/agent-protocol.js';
import type { Json } from '../contracts/json.js';

/** JSON Schema. */
type Schema = { [keyword: string]: Json };

/** What a request asks of a model: in words, and the JSON that its answer has to be. */
export interface Question {
  words: string;
  schema: Schema;
}

/** What a request may be told by. */
interface Asked {
  role: Json | undefined;
  input: { [field: string]: Json };
}

const text = { type: 'string' };
const flag = { type: 'boolean' };
const share = { type: 'number', minimum: 0, maximum: 1 };
const anything = {};
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const object = (properties: Schema, required: string[]): Schema => ({ type: 'object', properties, required });
const oneOf = (names: Json | undefined): Schema => (Array.isArray(names) && names.length > 0 ? { enum: names } : text);
const agentIn = (allow: Json | undefined) => object({ capability: oneOf(allow) }, ['capability']);

const BID: Question = {
  words:
    'You are asked for an offer for the task below, not to do it: your price in US dollars, the milliseconds that it would ' +
    'take you, and how sure you are from 0 to 1; or why you refuse.',
  schema: z.toJSONSchema(bidOutputSchema, { io: 'input' }) as Schema,
};

const planOf = ({ input: { allow, maxTasks } }: Asked): Question => ({
  words:
    'You are the planner. Make a plan for the goal: tasks, each done by one of the capabilities in "allow", that run side by ' +
    'side unless they depend on each other. Leave out what is "finished" (its ids may be depended on), do not repeat what ' +
    'has "failed" in the same way, and mend the "errors" of your last plan. The "input" of a task is JSON, in which a ' +
    'string such as "${ .results.other }" stands for the output of the task "other" that it depends on, and ' +
    '"${ .input.field }" for a field of the input; without "input" a task is given all of it.',
  schema: object(
    {
      tasks: {
        ...listOf(
          object(
            {
              id: text,
              capability: oneOf(allow),
              dependsOn: listOf(text),
              input: anything,
              priority: { type: 'number' },
            },
            ['id', 'capability'],
          ),
        ),
        minItems: 1,
        ...(typeof maxTasks === 'number' && { maxItems: maxTasks }),
      },
      ledger: anything,
    },
    ['tasks'],
  ),
});

const ITEMS: Question = {
  words: 'You are the planner. Give the list of items that the work below falls into; each is worked off by itself.',
  schema: listOf(anything),
};

/** What patterns ask for decisions about, the first that fits. */
const DECISIONS: { when: (asked: Asked) => boolean; question: (asked: Asked) => Question }[] = [
  {
    when: ({ role }) => role === 'judge',
    question: () => ({
      words:
        'You are the judge. Say how well the "output" does what the "input" asked for, by the "criteria" if there are any: ' +
        'a score from 0 to 1, and the reasons why it is not 1.',
      schema: object({ score: share, reasons: listOf(text) }, ['score']),
    }),
  },
  {
    when: ({ role }) => role === 'checker',
    question: () => ({
      words: 'You are the checker. Say whether the "draft" does what the "input" asked for, and why not.',
      schema: object({ approve: flag, reasons: listOf(text) }, ['approve']),
    }),
  },
  {
    when: ({ role, input }) => role === 'tie-breaker' && Array.isArray(input['candidates']),
    question: ({ input }) => ({
      words: 'The votes are tied. Decide for one of the "candidates" and give it exactly as it is written there.',
      schema: { enum: input['candidates'] as Json[] },
    }),
  },
  {
    when: ({ role, input }) => role === 'manager' && input['escalation'] !== undefined,
    question: ({ input }) => ({
      words:
        'You are the manager of a team whose "subtask" is in trouble ("escalation"). Rule on it with exactly one of ' +
        '"reassign" (true: again by the same, or {"capability"}: by another; "input": other work), "accept" (true: it stays ' +
        'as it is) and "giveUp" (why the team fails).',
      schema: object(
        {
          reassign: { anyOf: [{ const: true }, agentIn(input['allow'])] },
          input: anything,
          accept: flag,
          giveUp: text,
        },
        [],
      ),
    }),
  },
  {
    when: ({ role, input }) => role === 'manager' && input['maxFanOut'] !== undefined,
    question: ({ input: { allow, maxFanOut } }) => ({
      words:
        'You are the manager of a team. Hand out the work in the "input" as subtasks, each done by a capability, with the ' +
        '"input" that it needs (all of yours unless said), or do the work yourself and give its "output". Mend the "errors" ' +
        'of your last decision.',
      schema: object(
        {
          subtasks: {
            ...listOf(
              object({ id: text, capability: oneOf(allow), input: anything, weight: { type: 'number' } }, [
                'id',
                'capability',
              ]),
            ),
            ...(typeof maxFanOut === 'number' && { maxItems: maxFanOut }),
          },
          output: anything,
        },
        [],
      ),
    }),
  },
  {
    when: ({ role, input }) => role === 'manager' && Array.isArray(input['participants']),
    question: ({ input }) => ({
      words:
        'You lead a talk. Say which of the "participants" speaks "next", or that the talk is at its "end", and why.',
      schema: object({ next: oneOf(input['participants']), end: flag, reason: text }, []),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'ledger',
    question: () => ({
      words:
        'You are the planner. Judge how the round stands: is the goal met ("satisfied"), does the same happen again and ' +
        'again ("looping"), did the round bring something ("progressing"); which open tasks are done again "next", with what ' +
        'instruction; the "ledger" of what you want to know later; a "summary" of what there is so far.',
      schema: object(
        {
          satisfied: flag,
          looping: flag,
          progressing: flag,
          next: listOf(object({ id: text, instruction: text }, ['id'])),
          reason: text,
          ledger: anything,
          summary: text,
        },
        ['satisfied', 'looping', 'progressing'],
      ),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'order',
    question: () => ({
      words: 'Put the tasks that are "ready" in the order in which they are done best: the ids of all of them.',
      schema: object({ order: listOf(text) }, ['order']),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'next',
    question: ({ input }) => ({
      words:
        'You control a blackboard. Say which of the "eligible" sources work next; none when nothing is worth doing.',
      schema: object({ activate: listOf(oneOf(namesOf(input['eligible']))) }, ['activate']),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'value',
    question: () => ({
      words: 'Say what your work would be worth for the board as it is now, as a number.',
      schema: object({ value: { type: 'number' } }, ['value']),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'conflict',
    question: () => ({
      words: 'Two entries are in conflict. Say which one to "keep", or the "value" that takes their place.',
      schema: object({ keep: { enum: ['standing', 'proposed'] }, value: anything }, []),
    }),
  },
  {
    when: ({ input }) => input['question'] === 'clean',
    question: () => ({
      words: 'Say which entries of the board may go, by their ids.',
      schema: object({ remove: listOf(text) }, ['remove']),
    }),
  },
];

/** What kinds other than tasks ask for; undefined for tasks. */
export function questionOf({ kind, input, context }: Pick<AgentRequest, 'kind' | 'input' | 'context'>) {
  const asked: Asked = { role: fieldsOf(context)['role'], input: fieldsOf(input) };
  switch (kind) {
    case 'task':
      return undefined;
    case 'bid':
      return BID;
    case 'plan':
      return wrapped('plan', Array.isArray(asked.input['allow']) ? planOf(asked) : ITEMS);
    case 'decide': {
      const known = DECISIONS.find(({ when }) => when(asked));
      return wrapped(
        'decision',
        known?.question(asked) ?? { words: 'Decide what the request asks for.', schema: anything },
      );
    }
  }
}

/** A message to a bidder about its offer is no question: it is taken note of, without a model. */
export function isNotice({ kind, input }: Pick<AgentRequest, 'kind' | 'input'>): boolean {
  return kind === 'decide' && fieldsOf(input)['award'] !== undefined;
}

/** The answer of an agent to each kind of request (`ANSWER_SCHEMAS`). */
const wrapped = (field: string, { words, schema }: Question): Question => ({
  words,
  schema: object({ [field]: schema }, [field]),
});

const namesOf = (sources: Json | undefined): Json[] =>
  Array.isArray(sources) ? sources.map((source) => fieldsOf(source)['name'] ?? null) : [];

const fieldsOf = (json: Json): { [field: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {};
