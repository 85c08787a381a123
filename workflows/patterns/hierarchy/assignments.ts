import type { HierarchyParams, Manager, Team, TeamMember } from '../../../contracts/hierarchy.js';
import type { Task } from '../../../contracts/tasks.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { completed, failed, fromCall, isUsable, type PatternResult } from '../../lib/pattern-result.js';
import { inline, NULL, plain } from '../../lib/values.js';
import { isNested } from '../run-task.js';
import { totalCost } from './tree-node.js';
import { type Delegated, inputAt, nameOf, readDelegation, SKELETON } from './delegation-rules.js';

/** A subtask with whom it goes to: somebody who does it, or a team. */
export interface Assignment {
  id: string;
  by: string;
  weight: number;
  input: Value;
  task?: Task;
  team?: Team;
}

/** What a manager hands out; `end` when it did the work itself, or gave no decision that can be carried out. */
export type HandedOut = ({ assignments: Assignment[] } | { end: PatternResult }) & {
  /** Of the questions to the manager, US dollars, as far as it says. */
  costUsd?: number;
};

/** How often a decision that cannot be carried out goes back to the manager with what is wrong with it. */
const REPAIRS = 2;

/** The members of a declared team. */
export function declared(ctx: PatternContext, members: TeamMember[], input: Value): Promise<Assignment[]> {
  return Promise.all(
    members.map(async (member): Promise<Assignment> => {
      const { name: id, weight } = member;
      const given = await ctx.at('subtasks', id).input(member.input, input, { input });
      if ('team' in member) {
        const { team } = member;
        return { id, weight, input: given, team, by: team.manager ? nameOf(team.manager) : id };
      }
      return { id, weight, input: given, task: member, by: isNested(member) ? member.pattern : nameOf(member) };
    }),
  );
}

/** What the manager decides when it is asked. */
export async function delegated(
  ctx: PatternContext,
  { allow, maxFanOut }: HierarchyParams,
  manager: Manager,
  input: Value,
): Promise<HandedOut> {
  const task = { ...manager, kind: 'decide' as const };
  const costs: (number | undefined)[] = [];
  let errors: string[] = [];
  for (let attempt = 0; attempt <= REPAIRS; attempt += 1) {
    const asked: Value = {
      object: { input, allow: inline(allow ?? null), maxFanOut: inline(maxFanOut), errors: inline(errors) },
    };
    const place = ctx.at('manager', attempt);
    const answer = fromCall(await place.callAgent({ key: '', task, input: asked, role: 'manager' }), place.where);
    costs.push(answer.costUsd);
    const costUsd = totalCost(costs);
    if (!isUsable(answer)) return { end: answer, costUsd };
    const read = readDelegation(plain(await ctx.transform(SKELETON, answer.output)), allow);
    if ('isDone' in read) return { end: completed(await ctx.transform('.output', answer.output)), costUsd };
    if ('subtasks' in read) {
      const { output } = answer;
      const assignments = await Promise.all(read.subtasks.map((subtask) => assigned(ctx, subtask, output, input)));
      return { assignments, costUsd };
    }
    ({ errors } = read);
  }
  const message = `the manager gave no decision that can be carried out: ${errors.slice(0, 3).join('; ')}`;
  const end = failed('invalid_output', NULL, { code: 'agent.invalid_output', message, path: ctx.where });
  return { end, costUsd: totalCost(costs) };
}

async function assigned(
  ctx: PatternContext,
  { id, to, isTeam, weight, hasInput, index }: Delegated,
  decision: Value,
  input: Value,
): Promise<Assignment> {
  const given = hasInput ? await ctx.transform(inputAt(index), decision) : input;
  return { id, weight, input: given, by: nameOf(to), ...(isTeam ? { team: { manager: to } } : { task: to }) };
}
