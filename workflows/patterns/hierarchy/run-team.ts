import type { Budget } from '../../../contracts/budget.js';
import type { HierarchyParams, Manager, Team } from '../../../contracts/hierarchy.js';
import type { Json } from '../../../contracts/json.js';
import type { Value } from '../../../contracts/values.js';
import type { PatternContext } from '../../lib/pattern-context.js';
import { canceled, failed, fromCall, isUsable, type PatternResult, result } from '../../lib/pattern-result.js';
import { define, inline } from '../../lib/values.js';
import { canonical } from '../canonical.js';
import { type Assignment, declared, delegated, type HandedOut } from './assignments.js';
import { attend, type Attended } from './attend.js';
import type { Caps, Refusal } from './caps.js';
import { nameOf } from './delegation-rules.js';
import { reportUp } from './report-up.js';
import { runTask } from '../run-task.js';
import { splitBudget } from './split-budget.js';
import { nodeOf, type TeamEnd, totalCost } from './tree-node.js';

/** What all teams of a tree share, and the managers above this one. */
export interface Tree {
  params: HierarchyParams;
  caps: Caps;
  lineages: readonly string[];
}

/** One team: its work is handed out, done side by side, judged where it fails, and made into one report. */
export async function runTeam(ctx: PatternContext, above: Tree, team: Team, input: Value): Promise<TeamEnd> {
  const tree = { ...above, lineages: [...above.lineages, ...lineageOf(team, input)] };
  const by = team.manager && nameOf(team.manager);
  const handed = await handOut(ctx, tree, team, input);
  const { costUsd } = handed;
  if ('end' in handed) return { result: handed.end, node: nodeOf(handed.end, { by, costUsd }) };

  const { admitted, refused } = tree.caps.admit(
    handed.assignments.map((assignment) => {
      const { team: inner, input: work } = assignment;
      return { ...assignment, lineage: inner && lineageOf(inner, work)[0] };
    }),
    tree.lineages,
  );
  reportDelegation(ctx, team, admitted, refused);
  const shares = splitBudget(
    tree.params.budgetSplit,
    ctx.budget,
    admitted.map(({ weight }) => weight),
  );
  ctx.describe(`${by ?? 'the team'} has ${admitted.length} subtasks`);
  const ends = await Promise.all(
    admitted.map((assignment, at) => attendWithin(ctx, tree, team, assignment, shares[at])),
  );
  const { end, report } = await conclude(ctx, tree, team, { input, ends, refused });
  const subtasks = ends.map(({ node }) => node);
  const total = totalCost([costUsd, report?.costUsd, ...subtasks.map((node) => node.costUsd)]);
  return {
    result: end,
    node: nodeOf(end, { by, subtasks, costUsd: total, ...(refused.length > 0 && { refused }) }),
  };
}

async function handOut(
  ctx: PatternContext,
  { params }: Tree,
  { manager, members }: Team,
  input: Value,
): Promise<HandedOut> {
  if (members) return { assignments: await declared(ctx, members, input) };
  return delegated(ctx, params, manager as Manager, input);
}

async function attendWithin(
  ctx: PatternContext,
  tree: Tree,
  team: Team,
  assignment: Assignment,
  share: Budget | undefined,
): Promise<Attended> {
  let attended: Attended | undefined;
  const chief = { manager: team.manager, place: ctx };
  const ended = await ctx.at('subtasks', assignment.id).within(share, async (inner) => {
    attended = await attend(inner, tree.params, chief, assignment, (place, again) => perform(place, tree, again));
    return attended.result;
  });
  if (!attended) throw new Error('a subtask that began has an end');
  return { ...attended, result: ended, node: { ...attended.node, status: ended.status } };
}

async function perform(ctx: PatternContext, tree: Tree, { team, task, input }: Assignment): Promise<TeamEnd> {
  if (team) return runTeam(ctx, tree, team, input);
  if (!task) throw new Error('an assignment has a task or a team');
  const ended = await runTask(ctx, task, input, 'worker');
  return { result: ended, node: nodeOf(ended, {}) };
}

/** How the team ends: with its manager's report, without a manager with the outputs by name. What is missing makes it `partial`. */
async function conclude(
  ctx: PatternContext,
  { params }: Tree,
  { manager }: Team,
  { input, ends, refused }: { input: Value; ends: Attended[]; refused: Refusal[] },
): Promise<{ end: PatternResult; report?: PatternResult }> {
  const outputs: Record<string, Value> = {};
  for (const { id, result: end } of ends) if (isUsable(end)) define(outputs, id, end.output);
  const best: Value = { object: outputs };
  const warnings = warningsOf(ends, refused);
  if (ctx.stopped !== undefined) return { end: { ...canceled(best), warnings } };
  const lost = ends.find(({ result: end }) => !isUsable(end));
  const givenUp = ends.find(({ givenUp: reason }) => reason !== undefined);
  if (Object.keys(outputs).length === 0 || givenUp) {
    const error = givenUp
      ? { code: 'agent.permanent', message: `given up: ${givenUp.givenUp}`, path: ctx.where }
      : lost?.result.error;
    return { end: { ...failed(lost?.result.terminationReason ?? 'rule_unreachable', best, error), warnings } };
  }
  const report = manager ? await askForReport(ctx, params, manager, { input, ends, refused }) : undefined;
  if (ctx.stopped !== undefined) return { end: { ...canceled(best), warnings }, report };
  if (report && !isUsable(report)) return { end: { ...report, output: best, warnings }, report };
  const { output, confidence } = report ?? { output: best, confidence: undefined };
  const hasGaps = lost !== undefined || refused.length > 0 || ends.some(({ result: end }) => end.status === 'partial');
  const degraded = ends.some(({ result: end }) => end.degraded);
  const end = hasGaps ? result('partial', lost ? 'agent_failed' : 'done', output) : result('completed', 'done', output);
  return { end: { ...end, degraded, warnings, confidence }, report };
}

async function askForReport(
  ctx: PatternContext,
  params: HierarchyParams,
  manager: Manager,
  { input, ends, refused }: { input: Value; ends: Attended[]; refused: Refusal[] },
): Promise<PatternResult> {
  const reports = await Promise.all(ends.map((end) => reportUp(ctx, params.reportUp, end)));
  const told: Value = {
    object: { input, reports: { list: reports }, refused: inline(refused as unknown as Json) },
  };
  const place = ctx.at('manager', 'report');
  return fromCall(await place.callAgent({ key: '', task: manager, input: told, role: 'manager' }), place.where);
}

function reportDelegation(ctx: PatternContext, { manager }: Team, admitted: Assignment[], refused: Refusal[]): void {
  ctx.decide({
    what: 'delegation',
    rule: manager ? nameOf(manager) : 'declared',
    scores: refused.length === 0 ? {} : { refused: refused.slice(0, 100) as unknown as Json },
    chosen: admitted.slice(0, 100).map(({ id, by, team }) => ({ id, by, isTeam: team !== undefined })),
  });
}

function warningsOf(ends: Attended[], refused: Refusal[]): string[] {
  const failures = ends.flatMap(({ id, result: { status, error, warnings } }) => [
    ...(status === 'completed' || status === 'partial'
      ? []
      : [`subtask ${id} ${status}: ${error?.message ?? 'no reason given'}`]),
    ...warnings.map((warning) => `subtask ${id}: ${warning}`),
  ]);
  return [...failures, ...refused.map(({ id, cap }) => `subtask ${id} was refused by ${cap}`)].slice(0, 100);
}

/** Equal for the same manager with the same work; a team without a manager has none. */
function lineageOf({ manager }: Team, input: Value): string[] {
  return manager ? [`${nameOf(manager)} ${canonical(input as unknown as Json)}`] : [];
}
