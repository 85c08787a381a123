import type { Budget } from '../budget.js';
import type { Native } from '../compile/context.js';
import { runtimeError } from '../jq-error.js';
import { Matcher, type Slots } from '../regex/matcher.js';
import { parseRegex } from '../regex/parse-regex.js';
import { compilePattern } from '../regex/program.js';
import { errorAbout } from '../values/describe.js';
import { emptyObject, isArray, isObject, objectOf, ownValue, typeOf, type Json } from '../values/json.js';
import { codePointsOf, textOfCodePoints } from '../values/text.js';

export const REGEX_FUNCTIONS: Readonly<Record<string, Native>> = {
  '_match/3': match,
  '_captures/0': captures,
};

/** The matches as jq tells them or, for `test`, whether there is one. */
function match(budget: Budget, input: Json, pattern: Json = null, flags: Json = null, testing: Json = false): Json {
  const list = isArray(pattern);
  if (!list && typeof pattern !== 'string') throw runtimeError(`${typeOf(pattern)} not a string or array`);
  if (list && pattern.length === 0) throw runtimeError('array not a string or array');
  const source = list ? pattern[0]! : pattern;
  const given = list && pattern.length > 1 ? pattern[1]! : flags;
  if (typeof input !== 'string') throw errorAbout(input, 'cannot be matched, as it is not a string', budget);
  if (typeof source !== 'string') throw errorAbout(source, 'cannot be matched, as it is not a string', budget);
  if (given !== null && typeof given !== 'string') throw errorAbout(given, 'is not a string', budget);
  const found = findMatches(input, source, given ?? '', testing === true, budget);
  return testing === true ? found.length > 0 : found;
}

function findMatches(input: string, source: string, flags: string, testing: boolean, budget: Budget): Json[] {
  const invalid = /[^gixsnlp]/.test(flags);
  if (invalid) throw runtimeError(`${flags} is not a valid modifier string`);
  budget.allocate(input.length);
  const { pattern, groups } = parseRegex(source, {
    ignoreCase: flags.includes('i'),
    extended: flags.includes('x'),
    dotMatchesNewline: flags.includes('p'),
    lineAnchors: false,
  });
  const text = codePointsOf(input);
  const matcher = new Matcher(compilePattern(pattern, groups.length, budget), text, budget);
  const everywhere = flags.includes('g') && !testing;
  const matches: Json[] = [];
  for (let from = 0; from <= text.length;) {
    const slots = search(matcher, from, text.length, flags.includes('l'), flags.includes('n'));
    if (!slots) break;
    matches.push(describeMatch(text, slots, groups));
    budget.spend(groups.length + 1);
    if (!everywhere) break;
    from = slots[1]! > Math.max(slots[0]!, from) ? slots[1]! : slots[1]! + 1;
  }
  return matches;
}

/** The first match from `from` on; with `longest` the longest of all, wherever it begins. */
function search(matcher: Matcher, from: number, to: number, longest: boolean, notEmpty: boolean): Slots | undefined {
  let best: Slots | undefined;
  for (let start = from; start <= to; start += 1) {
    const slots = matcher.matchAt(start, from, longest, notEmpty);
    if (slots && !longest) return slots;
    if (slots && (!best || slots[1]! - slots[0]! > best[1]! - best[0]!)) best = slots;
  }
  return best;
}

function describeMatch(text: readonly number[], slots: Slots, groups: readonly (string | null)[]): Json {
  const part = (from: number, to: number): [string, Json][] =>
    from < 0 || to < 0
      ? [
          ['offset', -1],
          ['length', 0],
          ['string', null],
        ]
      : [
          ['offset', from],
          ['length', to - from],
          ['string', textOfCodePoints(text.slice(from, to))],
        ];
  return objectOf([
    ...part(slots[0]!, slots[1]!),
    [
      'captures',
      groups.map((name, index) => objectOf([...part(slots[2 + index * 2]!, slots[3 + index * 2]!), ['name', name]])),
    ],
  ]);
}

/** The named groups of a match as an object; of groups with the same name the last one that matched. */
function captures(_budget: Budget, found: Json): Json {
  const result = emptyObject();
  const list = isObject(found) ? ownValue(found, 'captures') : null;
  for (const capture of isArray(list) ? list : []) {
    if (!isObject(capture)) continue;
    const name = ownValue(capture, 'name');
    const text = ownValue(capture, 'string');
    if (typeof name === 'string' && !(text === null && Object.hasOwn(result, name))) result[name] = text;
  }
  return result;
}
