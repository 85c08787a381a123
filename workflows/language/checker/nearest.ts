/** The word that was probably meant: the nearest by edits, when it differs by at most a third, or two letters (Levenshtein distance). */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 128) return undefined;
  const [best] = known
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= tolerance(Math.max(word.length, candidate.length)))
    .sort((left, right) => left.distance - right.distance);
  return best?.candidate;
}

const tolerance = (length: number) => (length < 4 ? 1 : Math.max(2, Math.floor(length / 3)));

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replace = row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[right.length]!;
}
