import { characterRange, namedClass, not, shorthand, singleCharacter } from './character-class.js';
import type { CharacterTest } from './pattern.js';
import type { PatternReader } from './reader.js';

/** The rest of a bracket expression; its `[` is read already. Knows ranges, nesting, `&&` and POSIX names. */
export function parseClass(reader: PatternReader, ignoreCase: boolean): CharacterTest {
  const negative = reader.accept('^');
  const conjuncts: CharacterTest[] = [];
  let tests: CharacterTest[] = [];
  for (let first = true; first || !reader.accept(']'); first = false) {
    if (reader.atEnd()) throw reader.fail('premature end of char-class');
    if (reader.accept('&&')) {
      conjuncts.push(anyOf(tests));
      tests = [];
    } else tests.push(parseItem(reader, ignoreCase));
  }
  conjuncts.push(anyOf(tests));
  const all: CharacterTest = (point) => conjuncts.every((test) => test(point));
  return negative ? not(all) : all;
}

const anyOf =
  (tests: readonly CharacterTest[]): CharacterTest =>
  (point) =>
    tests.some((test) => test(point));

function parseItem(reader: PatternReader, ignoreCase: boolean): CharacterTest {
  const posix = reader.match(/\[:(\^?)([A-Za-z]+):\]/y);
  if (posix) return posix[1] ? not(namedClass(posix[2]!)) : namedClass(posix[2]!);
  if (reader.accept('[')) return parseClass(reader, ignoreCase);
  const named = parseProperty(reader);
  if (named) return named;
  const set = reader.match(/\\([dDwWsShH])/y);
  if (set) return shorthand(set[1]!)!;
  const from = reader.character(true);
  if (!reader.match(/-(?!\])/y)) return singleCharacter(from, ignoreCase);
  const to = reader.character(true);
  if (to < from) throw reader.fail('empty range in char class');
  return characterRange(from, to, ignoreCase);
}

/** `\p{Name}`, `\p{^Name}` and `\P{Name}`. */
export function parseProperty(reader: PatternReader): CharacterTest | undefined {
  const found = reader.match(/\\([pP])\{(\^?)([^}]*)\}/y);
  if (!found) return undefined;
  const test = namedClass(found[3]!);
  return (found[1] === 'P') !== (found[2] === '^') ? not(test) : test;
}
