import { proxyLocalActivities } from '@temporalio/workflow';
import type { ApprovalTerms } from '../../contracts/approvals.js';
import type { Json, SchemaDocument } from '../../contracts/json.js';
import type { RunActivities } from '../../contracts/run-workflow.js';
import type { RunRef } from '../../contracts/values.js';
import { SMALL_STEP } from './activity-options.js';
import type { Amounts, BudgetPerson, Need } from './budget-place.js';
import type { PatternContext } from './pattern-context.js';
import { inline, plain } from './values.js';

/** The person that the budget at `ctx` names; `ctx` ends when nobody waits for the answer any longer. */
export function budgetPerson(ctx: PatternContext, terms: ApprovalTerms, run: RunRef, given: Amounts): BudgetPerson {
  const { orgId, runId } = run;
  return {
    ask: async (need) => {
      const { limit, why, limits, number } = need;
      const subject = inline({ limit, why, limits: { ...limits } });
      const asked = { kind: 'budget' as const, subject, number, failure: why };
      const ruling = await ctx.askPerson({ ...terms, schema: answerSchema(need) }, asked);
      switch (ruling.kind) {
        case 'approved':
          return { more: onceMore(need, given) };
        case 'answered':
          return { more: readAmounts(plain(ruling.data), need) };
        case 'rejected':
          return { refused: ruling.why };
        case 'stopped':
          return undefined;
      }
    },
    raise: (raise) =>
      proxyLocalActivities<RunActivities>(SMALL_STEP).raiseBudget({ orgId, runId, place: ctx.path, ...raise }),
  };
}

const nameOf = ({ limit }: Pick<Need, 'limit'>): keyof Amounts => (limit === 'wallClock' ? 'wallClockMs' : limit);

/** As much again as the budget gave at first. */
function onceMore(need: Need, given: Amounts): Amounts {
  const name = nameOf(need);
  return { [name]: given[name] };
}

/** What the API has checked; an amount that is none raises nothing. */
function readAmounts(data: Json | undefined, { limits }: Need): Amounts {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {};
  const more = Object.keys(limits).flatMap((name) => {
    const amount = data[name];
    return typeof amount === 'number' && amount > 0 ? [[name, amount] as const] : [];
  });
  return Object.fromEntries(more);
}

/** An answer says how much more, by the limits that the place has, at least of the one that is used up. */
function answerSchema(need: Need): SchemaDocument {
  const amount = (name: string): Json =>
    name === 'costUsd' ? { type: 'number', exclusiveMinimum: 0 } : { type: 'integer', minimum: 1 };
  const properties = Object.fromEntries(Object.keys(need.limits).map((name) => [name, amount(name)]));
  return { type: 'object', properties, required: [nameOf(need)], additionalProperties: false };
}
