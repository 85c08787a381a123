import { z } from 'zod';
import { nameSchema } from './json.js';

/** How much what was learned of an agent counts against its next call. */
export const LEARNING_DISCOUNT = 0.995;
/** How much it counts against each call that another agent of the capability gets: who got better is tried again. */
export const FADING = 0.9995;

/** How `select: learned` weighs what it knows. */
export const selectionSettingsSchema = z
  .strictObject({
    learned: z
      .boolean()
      .default(true)
      .describe('false: calls with `select: learned` go as with expected-completion, from the next one on.'),
    costWeight: z.number().min(0).max(1_000).default(0).describe('What a US dollar takes from the worth of an answer.'),
    latencyWeight: z.number().min(0).max(1_000).default(0).describe('What a second takes from the worth of an answer.'),
    explore: z
      .number()
      .min(0.01)
      .max(0.5)
      .default(0.1)
      .describe('At most this share of the calls goes to agents that are not thought to be the best.'),
  })
  .meta({ id: 'SelectionSettings' });
export type SelectionSettings = z.infer<typeof selectionSettingsSchema>;

/** What is known of an agent in a capability; the older, the less it counts. */
export interface Lesson {
  agentId: string;
  /** Calls, each counting 0.995 of the one after it. */
  successes: number;
  failures: number;
  /** 0 to 1, the discounted mean of feedback; null without any. */
  quality: number | null;
  /** How much feedback that is, counted like the calls. */
  ratings: number;
  latencyMs: number | null;
  /** US dollars a call. */
  costUsd: number;
}

export interface Lessons {
  settings: SelectionSettings;
  lessons: Lesson[];
}

/** A choice as it was made. */
export interface LoggedChoice {
  /** Of each agent that could have had the call: how likely it was to get it. */
  propensities: Record<string, number>;
  agentId: string;
  /** Which agent expected-completion would have asked. */
  baseAgentId: string;
}

/** A choice and the attempt that was made of it. */
export interface MadeChoice extends LoggedChoice {
  runId: string;
  callKey: string;
  attempt: number;
}

export const selectionReportQuerySchema = z.strictObject({
  capability: nameSchema,
  since: z.iso.datetime({ offset: true }).optional().describe('Choices from this time on; of all times unless said.'),
});
/** Which capability, and since when. */
export type SelectionReportQuery = z.infer<typeof selectionReportQuerySchema>;

const estimate = {
  value: z.number().nullable().describe('Mean worth of a call; null where no choice says anything of it.'),
  low: z.number().nullable().describe('The lower end of the 95 % interval.'),
  high: z.number().nullable(),
  effectiveChoices: z.number().describe('As many choices of its own would say as much.'),
};

/** `GET /v1/selection/report`: what other ways to choose would have given. */
export const selectionReportSchema = z
  .object({
    capability: nameSchema,
    choices: z.int().describe('That were looked at: the newest 10,000 at most.'),
    settings: selectionSettingsSchema,
    logged: z.object(estimate).describe('What was done.'),
    policies: z
      .array(z.object({ policy: z.string().describe('`random`, `expected-completion`, `agent:<id>`.'), ...estimate }))
      .describe('Self-normalised inverse propensity estimates.'),
  })
  .meta({ id: 'SelectionReport' });
export type SelectionReport = z.infer<typeof selectionReportSchema>;
