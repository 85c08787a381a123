import type { HierarchyParams, Team } from '../../contracts/hierarchy.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import type { PatternResult } from '../lib/pattern-result.js';
import { checkOutput } from './check-output.js';
import { Caps } from './hierarchy/caps.js';
import { runTeam } from './hierarchy/run-team.js';

/**
 * Managers hand out work, to workers or to teams with managers of their own, and report one level up; what fails is
 * theirs to judge before anybody above hears of it. The output is what the first manager makes of its team's reports.
 */
export async function hierarchy(outer: PatternContext, params: HierarchyParams, given: Value): Promise<PatternResult> {
  const ctx = outer.withOptions(params);
  const input = await ctx.input(params.input, given, { input: given });
  const team: Team = params.tree ?? { manager: params.manager };
  const caps = new Caps(params, team.manager ? 1 : 0);
  const { result, node } = await runTeam(ctx, { params, caps, lineages: [] }, team, input);
  ctx.decide({
    what: 'hierarchy',
    rule: `maxDepth ${params.maxDepth}, maxFanOut ${params.maxFanOut}, maxAgents ${params.maxAgents}`,
    scores: { agents: caps.agents },
    chosen: node as unknown as Json,
  });
  return checkOutput(ctx, result, params.outputSchema);
}
