import { z } from 'zod';
import { type Json, jsonSchema } from './json.js';
import type { PatternName } from './patterns.js';

const numbersById = z.record(z.string(), z.number());

/** What a blackboard ends with; entries and logs hold at most 2,000 and 1,000 rows. */
const boardOutputSchema = z.object({
  board: z.record(z.string(), z.record(z.string(), jsonSchema)).describe('Values by section and key.'),
  entries: z.array(
    z.object({
      id: z.string(),
      section: z.string(),
      key: z.string(),
      value: jsonSchema,
      version: z.int(),
      author: z.string(),
      confidence: z.number().nullable(),
      causedBy: z.string().nullable(),
      supportedBy: z.array(z.string()),
      ttlMs: z.number().nullable(),
    }),
  ),
  activations: z.array(
    z.looseObject({
      id: z.string(),
      source: z.string(),
      cycle: z.int(),
      causes: z.array(z.string()),
      status: z.enum(['running', 'completed', 'failed', 'canceled', 'refused']),
      wrote: z.array(z.string()),
    }),
  ),
  conflicts: z.array(
    z.looseObject({ activation: z.string(), section: z.string(), key: z.string(), outcome: z.string() }),
  ),
  credit: z.record(z.string(), numbersById).describe('By source.'),
  unmetGoal: jsonSchema.describe('Null when the goal was met, or there was none.'),
});

interface FunctionText {
  description: string;
  /** The page of the documentation. */
  docs: string;
  /** The output of a run of its own, or of a step or branch; `outputSchema` of the parameters narrows it. */
  output: z.ZodType<Json>;
}

const anything = (description: string): z.ZodType<Json> => z.any().describe(description);

/** Every pattern of the catalogue in words; its parameters are in `PATTERN_PARAMS`. */
export const FUNCTIONS: { [Name in PatternName]: FunctionText } = {
  agent: { description: 'One agent call.', docs: 'docs/patterns/agent.md', output: anything("The agent's output.") },
  sequential: {
    description: 'Steps one after another, each with the output of the one before; completed steps can be undone.',
    docs: 'docs/patterns/sequential.md',
    output: anything('Of the last step; with `chain: full` an object of all outputs by step name.'),
  },
  concurrent: {
    description: 'Branches side by side, until the completion rule is met or can no longer be met.',
    docs: 'docs/patterns/concurrent.md',
    output: anything('As `aggregate` says; with `collect` a list in the order of declaration, null for a gap.'),
  },
  market: {
    description: 'Agents bid for a task; the best offer wins, does it, and is held to what it promised.',
    docs: 'docs/patterns/market.md',
    output: anything(
      "The winner's output; with `award.count` above 1 a list of them, the best offer first; of an exchange a list in the order of the items, null for a gap; of `solve` the aggregator's answer.",
    ),
  },
  handoff: {
    description: 'The work goes from hand to hand until its holder answers with an output.',
    docs: 'docs/patterns/handoff.md',
    output: anything('Of the last holder; the last context handed over when a limit ended it.'),
  },
  consensus: {
    description: 'Voters deliberate in rounds, until they agree, nobody changes the vote, or the rounds are over.',
    docs: 'docs/patterns/consensus.md',
    output: anything('The winning choice; the leading one when there was no consensus.'),
  },
  groupChat: {
    description: 'Participants speak one after another until it is enough; or one makes and others check.',
    docs: 'docs/patterns/group-chat.md',
    output: anything('The last message or draft; with `output: messages` a list of `{round, from, content}`.'),
  },
  workers: {
    description: 'Items, given or planned by an agent, each done by a worker; those of one key in their order.',
    docs: 'docs/patterns/workers.md',
    output: anything('As `synthesize` says; with `collect` a list in the order of the items, null for a gap.'),
  },
  blackboard: {
    description: 'Sources act on a shared board when it has something for them, until the goal, quiescence or a limit.',
    docs: 'docs/patterns/blackboard.md',
    output: boardOutputSchema as unknown as z.ZodType<Json>,
  },
  hierarchy: {
    description: 'Managers hand out work to workers and to teams of further managers, judge what fails, and report up.',
    docs: 'docs/patterns/hierarchy.md',
    output: anything("The first manager's report; without a manager an object of the members' outputs by name."),
  },
  adaptive: {
    description:
      'One of several ways to do the task, chosen by rule or by what came of earlier choices; may switch once.',
    docs: 'docs/patterns/adaptive.md',
    output: anything('Of the candidate that did it.'),
  },
  plan: {
    description: "A planner's graph of tasks, run as dependencies complete, planned anew when tasks fail.",
    docs: 'docs/patterns/plan.md',
    output: z.record(z.string(), jsonSchema).describe('By task id: finished tasks that no finished task builds on.'),
  },
};

const schemaDocument = z.record(z.string(), jsonSchema).describe('JSON Schema (2020-12) that stands by itself.');

/** One function of the catalogue, as `GET /v1/functions` publishes it. */
export const functionSchema = z
  .object({
    name: z.string().describe('What `pattern` says in a run, step or branch, and `call` in a definition.'),
    kind: z
      .enum(['pattern', 'connector', 'format'])
      .describe('Connectors and formats are called by definitions alone.'),
    version: z.string(),
    provider: z.string().optional().describe('Of a connector: what its connections lead to.'),
    description: z.string(),
    docs: z.string().describe('Page of the documentation.'),
    with: schemaDocument,
    output: schemaDocument,
    example: jsonSchema.describe('A body of `POST /v1/runs`; of a connector or format a task of a definition.'),
  })
  .meta({ id: 'Function' });
export type CatalogFunction = z.infer<typeof functionSchema>;
