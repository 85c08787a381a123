import type { CallResult } from '../../contracts/run-workflow.js';
import type { BudgetPlace } from './budget-place.js';
import { canceledCall } from './call-outcomes.js';
import type { SizedCall } from './sized-call.js';
import type { StopScope } from './stop-scope.js';

interface Open {
  position: number;
  call: SizedCall;
}

/**
 * Calls under a budget that asks a person when it is used up: those that were refused are made again, under a key of
 * their own, once there is more. New calls wait while a question is open.
 */
export async function negotiatedCalls(
  budget: BudgetPlace,
  scope: StopScope,
  calls: SizedCall[],
  send: (calls: SizedCall[]) => Promise<CallResult[][]>,
): Promise<CallResult[][]> {
  const outcomes = calls.map(({ call }) => [canceledCall(call)]);
  let open = calls.map((call, position): Open => ({ call, position }));
  for (let turn = 1; open.length > 0; turn += 1) {
    const rounds = new Set(open.map(({ call }) => call.call.round ?? 0));
    for (const round of rounds) if (!(await budget.getsRound(round))) return outcomes;
    await budget.settled();
    if (scope.reason !== undefined) return outcomes;
    budget.use();
    const raises = budget.raisesAround();
    const made = await send(open.map(({ call }) => call));
    for (const [index, { position }] of open.entries()) outcomes[position] = made[index] as CallResult[];
    const again: Open[] = [];
    for (const { position, call } of open)
      if (await hasMore(budget, raises, outcomes[position]?.at(-1)))
        again.push({ position, call: renamed(call, turn) });
    open = again;
  }
  return outcomes;
}

/** Whether the call was refused by a budget that there is more of now. */
async function hasMore(
  budget: BudgetPlace,
  raises: ReadonlyMap<BudgetPlace, number>,
  outcome: CallResult | undefined,
): Promise<boolean> {
  const { error } = outcome ?? {};
  if (error?.code !== 'agent.budget' || !error.budget) return false;
  const place = budget.find(error.budget.place.slice(1));
  if (!place) return false;
  if (place.raises > (raises.get(place) ?? 0)) return true;
  return place.needs(error.budget.limit, error.message);
}

function renamed(sized: SizedCall, turn: number): SizedCall {
  const { call } = sized;
  const key = turn === 1 ? `${call.key}/raised/1` : call.key.replace(/\d+$/, String(turn));
  return { ...sized, call: { ...call, key } };
}
