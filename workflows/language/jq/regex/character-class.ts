import { runtimeError } from '../jq-error.js';
import { fold, type CharacterTest } from './pattern.js';

const WORD = /[\p{L}\p{M}\p{N}\p{Pc}]/u;

export const isWord: CharacterTest = (point) => point >= 0 && WORD.test(String.fromCodePoint(point));

const matching =
  (pattern: RegExp): CharacterTest =>
  (point) =>
    pattern.test(String.fromCodePoint(point));

/** POSIX brackets and the properties of the same names, as Oniguruma defines them for Unicode. */
const NAMED: Readonly<Record<string, CharacterTest>> = {
  alnum: matching(/[\p{L}\p{M}\p{Nd}]/u),
  alpha: matching(/[\p{L}\p{M}]/u),
  ascii: (point) => point < 0x80,
  blank: matching(/[\p{Zs}\t]/u),
  cntrl: matching(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/u),
  digit: matching(/\p{Nd}/u),
  graph: matching(/[^\p{White_Space}\p{Cc}\p{Cs}\p{Cn}]/u),
  lower: matching(/\p{Lowercase}/u),
  print: matching(/[^\p{Cc}\p{Cs}\p{Cn}]/u),
  punct: matching(/[\p{P}$+<=>^`|~]/u),
  space: matching(/\p{White_Space}/u),
  upper: matching(/\p{Uppercase}/u),
  xdigit: matching(/[0-9A-Fa-f]/),
  word: isWord,
  any: () => true,
};

export const not =
  (test: CharacterTest): CharacterTest =>
  (point) =>
    !test(point);

/** `\d`, `\w`, `\s`, `\h` and their opposites; undefined for any other letter. */
export function shorthand(letter: string): CharacterTest | undefined {
  const name = { d: 'digit', w: 'word', s: 'space', h: 'xdigit' }[letter.toLowerCase()];
  const test = name === undefined ? undefined : NAMED[name];
  return test && letter !== letter.toLowerCase() ? not(test) : test;
}

/** `[:alpha:]` or `\p{Greek}`. */
export function namedClass(name: string): CharacterTest {
  const plain = name.toLowerCase().replace(/[ _-]/g, '');
  if (Object.hasOwn(NAMED, plain)) return NAMED[plain]!;
  for (const property of [name, `Script=${name}`, capitalized(name), `Script=${capitalized(name)}`]) {
    try {
      return matching(new RegExp(`\\p{${property}}`, 'u'));
    } catch (error) {
      // An unknown property is a SyntaxError: the next spelling may be known.
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  throw runtimeError(`${name} (at offset 0) is not a valid regex: invalid character property name {${name}}`);
}

const capitalized = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).toLowerCase();

export function singleCharacter(point: number, ignoreCase: boolean): CharacterTest {
  if (!ignoreCase) return (other) => other === point;
  const folded = fold(point);
  return (other) => other === point || fold(other) === folded;
}

export function characterRange(from: number, to: number, ignoreCase: boolean): CharacterTest {
  const inside: CharacterTest = (point) => point >= from && point <= to;
  if (!ignoreCase) return inside;
  return (point) => inside(point) || casesOf(point).some(inside);
}

function casesOf(point: number): number[] {
  const character = String.fromCodePoint(point);
  return [character.toLowerCase(), character.toUpperCase()].map((text) => text.codePointAt(0) ?? point);
}
