import type { Control } from '../../contracts/blackboard.js';
import type { Json } from '../../contracts/json.js';
import { byPriority, byTurn, byValue, type SourceState } from './board-agenda.js';
import { type Asking, askNext, askValues } from './board-deciders.js';

interface Choice {
  chosen: SourceState[];
  rule: string;
  scores: Record<string, Json>;
}

/** At most `room` of the sources that are ready, in the order they start, with the choice as a decision. */
export async function chooseNext(
  asking: Asking,
  control: Control,
  ready: readonly SourceState[],
  { room, last, total }: { room: number; last: number; total: number },
): Promise<SourceState[]> {
  const { chosen: ordered, rule, scores } = await choose(asking, control, ready, { last, total });
  const chosen = ordered.slice(0, room);
  asking.ctx.decide({
    what: 'activate',
    rule,
    candidates: ready.map(({ name }) => name),
    scores: { cycle: asking.cycle, ...scores },
    chosen: chosen.map(({ name }) => name),
  });
  return chosen;
}

async function choose(
  asking: Asking,
  control: Control,
  ready: readonly SourceState[],
  { last, total }: { last: number; total: number },
): Promise<Choice> {
  const priorities = { priorities: ready.map(({ source }) => source.priority) };
  if (control === 'priority') return { chosen: byPriority(ready), rule: 'priority', scores: priorities };
  if (control === 'round-robin') return { chosen: byTurn(ready, last, total), rule: 'round-robin', scores: {} };
  if (control === 'highestValue') {
    await askValues(asking, ready);
    const values = ready.map(({ valued }) => valued?.value ?? null);
    const costs = ready.map(({ source }) => source.cost);
    return { chosen: byValue(ready), rule: 'highest value less cost', scores: { values, costs } };
  }
  const wanted = await askNext(asking, control.decider, ready);
  if (wanted) return { chosen: wanted, rule: 'agent', scores: {} };
  return { chosen: byPriority(ready), rule: 'priority, as the agent gave no valid answer', scores: priorities };
}
