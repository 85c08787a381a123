import type { Aggregate } from '../../contracts/concurrent.js';
import type { Json } from '../../contracts/json.js';
import type { Value } from '../../contracts/values.js';
import type { PatternContext } from '../lib/pattern-context.js';
import { completed, failed, type PatternResult } from '../lib/pattern-result.js';
import { inline, plain, plainList } from '../lib/values.js';
import { canonical } from './canonical.js';
import { type Ballot, countVotes } from './count-votes.js';
import type { BranchResult } from './run-branches.js';

const SHOWN = 100;
const SHOWN_CHARACTERS = 200;

/**
 * The output most branches gave; equal means equal as JSON. Borda takes lists, best first, and gives the winning
 * element. Without a majority where one is asked for, the pattern fails with the leader as its output so far.
 */
export async function aggregateVotes(
  ctx: PatternContext,
  { vote, tieBreak }: Extract<Aggregate, { vote: string }>,
  usable: BranchResult[],
): Promise<PatternResult> {
  const outputs = usable.map(({ result }) => result.output);
  const choices = vote === 'borda' ? rankings(outputs) : await singles(ctx, outputs);
  if (!choices) {
    const message = 'borda needs outputs that are lists with the best first';
    return failed('invalid_output', { list: outputs }, { code: 'agent.invalid_output', message, path: ctx.where });
  }
  const ballots = choices.lists.map((list, position): Ballot => {
    return { choices: list, confidence: usable[position]?.result.confidence };
  });
  const count = countVotes(vote, ballots, tieBreak);
  const leader = choices.values.get(count.leader) ?? inline(null);
  ctx.decide({
    what: 'vote',
    rule: count.tied ? `${vote}, tie broken by ${tieBreak}` : vote,
    candidates: [...choices.values.keys()].slice(0, SHOWN).map(shorten),
    scores: {
      votes: Object.fromEntries(
        Object.entries(count.scores)
          .slice(0, SHOWN)
          .map(([name, score]) => [shorten(name), score]),
      ),
      agreement: count.agreement,
      dissenters: count.dissenters.slice(0, SHOWN).map((position) => usable[position]?.branch.name ?? null),
    },
    chosen: count.winner === undefined ? null : shorten(count.leader),
  });
  if (count.winner !== undefined) return completed(leader);
  const share = `${Math.round(count.agreement * 100)} %`;
  return failed('rule_unreachable', leader, {
    code: 'agent.permanent',
    message: `no majority: the leading output has ${share} of ${ballots.length} votes`,
    path: ctx.where,
  });
}

interface Choices {
  lists: string[][];
  values: Map<string, Value>;
}

function rankings(outputs: Value[]): Choices | undefined {
  const lists = outputs.map(plain);
  if (!lists.every((list): list is Json[] => Array.isArray(list)) || lists.every((list) => list.length === 0))
    return undefined;
  const values = new Map<string, Value>();
  for (const choice of lists.flat()) values.set(canonical(choice), inline(choice));
  return { lists: lists.map((list) => list.map(canonical)), values };
}

/** Large outputs are compared where they are stored: each is named by the first one that equals it. */
async function singles(ctx: PatternContext, outputs: Value[]): Promise<Choices> {
  const known = plainList(outputs);
  const names = known
    ? known.map(canonical)
    : (
        plain(await ctx.transform('. as $all | map(. as $one | $all | index([$one]))', { list: outputs })) as Json[]
      ).map((first) => `output ${Number(first) + 1}`);
  const values = new Map<string, Value>();
  for (const [position, name] of names.entries()) {
    if (!values.has(name)) values.set(name, outputs[position] as Value);
  }
  return { lists: names.map((name) => [name]), values };
}

const shorten = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
