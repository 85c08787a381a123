/** Texts of one thing that is searched, by how much a word in them says of it. */
export interface Described {
  names: string[];
  tags: string[];
  texts: string[];
}

const WEIGHTS = { names: 3, tags: 2, texts: 1 } as const;
/** Words of a question that say nothing of what is looked for. */
const FILLERS = new Set(
  'a an and any are as at be by can could do find for from get give has have help how i in is it its me my need of on or our please some that the there this to us use want what when where which who will with would you your agent agents tool'.split(
    ' ',
  ),
);
/** Words that begin alike count as the same: so many letters, and so much of the shorter one. */
const STEM = { letters: 4, share: 0.7 };

/**
 * How well each thing fits a question, 0 to 100: the share of the question's words that it has, each counting by how rare it
 * is among all things and by where it stands. A question of fillers alone is looked for by them. 0: nothing in common.
 */
export function relevances(question: string, things: readonly Described[]): number[] {
  const asked = meaningful(wordsOf(question));
  if (asked.length === 0) return things.map(() => 0);
  const found = things.map((thing) => {
    const words = weightsOf(thing);
    return asked.map((term) => bestMatch(term, words));
  });
  const rarity = asked.map((_, index) => {
    const having = found.filter((weights) => weights[index]! > 0).length;
    return Math.log(1 + (things.length + 1) / (having + 0.5));
  });
  const most = rarity.reduce((sum, weight) => sum + weight * WEIGHTS.names, 0);
  return found.map((weights) => {
    const sum = weights.reduce((all, weight, index) => all + weight * rarity[index]!, 0);
    return sum === 0 ? 0 : Math.max(1, Math.round((100 * sum) / most));
  });
}

function meaningful(words: string[]): string[] {
  const said = words.filter((word) => !FILLERS.has(word));
  return said.length > 0 ? said : words;
}

const wordsOf = (text: string): string[] => [
  ...new Set(
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [],
  ),
];

function weightsOf(thing: Described): Map<string, number> {
  const weights = new Map<string, number>();
  for (const part of ['texts', 'tags', 'names'] as const)
    for (const word of thing[part].flatMap(wordsOf)) weights.set(word, WEIGHTS[part]);
  return weights;
}

function bestMatch(term: string, words: Map<string, number>): number {
  const exact = words.get(term);
  if (exact !== undefined) return exact;
  let best = 0;
  for (const [word, weight] of words) if (isAkin(term, word)) best = Math.max(best, weight * 0.8);
  return best;
}

function isAkin(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length);
  let alike = 0;
  while (alike < shorter && one[alike] === other[alike]) alike += 1;
  return alike >= Math.max(STEM.letters, STEM.share * shorter);
}
