import { listOf, type Loose, recordOf, textOf } from './loose.js';
import { count, list } from './words.js';

/** Who got what in a team, and what was refused. */
export function tellDelegation({ rule, chosen, scores }: Loose): string {
  const handed = listOf(chosen).map(recordOf);
  const parts = handed.map(({ id, by }) => (id === by ? textOf(id) : `${textOf(id)} to ${textOf(by)}`));
  const refused = listOf(recordOf(scores).refused).map((refusal) => {
    const { id, cap } = recordOf(refusal);
    return `${textOf(id)} (${textOf(cap)})`;
  });
  const what = parts.length === 0 ? 'nothing' : list(parts);
  return `${textOf(rule)} hands out ${what}${refused.length > 0 ? `; refused: ${list(refused)}` : ''}`;
}

/** What a manager ruled on a subtask in trouble. */
export function tellEscalation({ rule, candidates, chosen }: Loose): string {
  return `${list(listOf(candidates).map(textOf))} is in trouble (${textOf(rule).replace('_', ' ')}): ${textOf(chosen)}`;
}

/** The whole tree in one line. */
export function tellHierarchy({ scores, chosen }: Loose): string {
  const nodes = flat(chosen);
  const done = nodes.filter(({ status }) => status === 'completed').length;
  const { agents } = recordOf(scores);
  return `${done} of ${count(nodes.length, 'subtask')} done, ${textOf(agents)} managers and workers`;
}

function flat(node: unknown): Loose[] {
  const below = listOf(recordOf(node).subtasks);
  return below.flatMap((subtask) => [recordOf(subtask), ...flat(subtask)]);
}
