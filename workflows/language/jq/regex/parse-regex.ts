import { limitError } from '../jq-error.js';
import { isWord, shorthand, singleCharacter } from './character-class.js';
import { parseClass, parseProperty } from './parse-class.js';
import type { Assertion, Options, Pattern } from './pattern.js';
import { PatternReader } from './reader.js';

export interface Regex {
  readonly pattern: Pattern;
  /** Names of the groups in their order; null for a group without a name. */
  readonly groups: readonly (string | null)[];
}

const NESTING = 200;
const MOST_REPEATS = 100_000;
const atStart: Assertion = (_text, at) => at === 0;
const atEnd: Assertion = (text, at) => at === text.length;
const atLastLine: Assertion = (text, at) => at === text.length || (at === text.length - 1 && text[at] === 10);
const atLineStart: Assertion = (text, at) => at === 0 || text[at - 1] === 10;
const atLineEnd: Assertion = (text, at) => at === text.length || text[at] === 10;
const atBoundary: Assertion = (text, at) => isWord(text[at - 1] ?? -1) !== isWord(text[at] ?? -1);

const ANCHORS: Readonly<Record<string, Assertion>> = {
  A: atStart,
  z: atEnd,
  Z: atLastLine,
  b: atBoundary,
  B: (text, at, start) => !atBoundary(text, at, start),
  G: (_text, at, start) => at === start,
};

/** Parses Oniguruma's syntax in its Perl dialect with named groups. Subexpression calls and conditions are left out. */
export function parseRegex(text: string, options: Options): Regex {
  return new RegexParser(text).parse(options);
}

class RegexParser {
  private readonly reader: PatternReader;
  private readonly groups: (string | null)[] = [];
  private options!: Options;
  private depth = 0;

  constructor(text: string) {
    this.reader = new PatternReader(text);
  }

  parse(options: Options): Regex {
    this.options = options;
    const pattern = this.alternatives();
    if (!this.reader.atEnd()) throw this.reader.fail('unmatched close parenthesis');
    return { pattern, groups: this.groups };
  }

  /** Options that are switched on inside hold up to the end of the group. */
  private alternatives(): Pattern {
    this.depth += 1;
    if (this.depth > NESTING) throw limitError('depth', 'the regular expression is nested too deeply');
    const outer = this.options;
    const options: Pattern[] = [];
    do options.push(this.sequence());
    while (this.reader.accept('|'));
    this.options = outer;
    this.depth -= 1;
    return options.length === 1 ? options[0]! : { kind: 'choice', options };
  }

  private sequence(): Pattern {
    const items: Pattern[] = [];
    while (!this.reader.atEnd() && this.reader.peek() !== '|' && this.reader.peek() !== ')') {
      if (this.options.extended && this.reader.match(/\s+|#[^\n]*/y)) continue;
      items.push(this.quantified(this.atom()));
    }
    return { kind: 'sequence', items };
  }

  private quantified(atom: Pattern): Pattern {
    let body = atom;
    for (;;) {
      const found = this.reader.match(/[*+?]|\{(\d+)(,?)(\d*)\}|\{,(\d+)\}/y);
      if (!found) return body;
      const { min, max } = boundsOf(found);
      if (min > MOST_REPEATS || (max !== Infinity && max > MOST_REPEATS))
        throw this.reader.fail('too big number is used for repeat');
      if (max < min) throw this.reader.fail('upper is smaller than lower in repeat');
      const greedy = !this.reader.accept('?');
      const possessive = greedy && found[0].length === 1 && this.reader.accept('+');
      const repeat: Pattern = { kind: 'repeat', body, min, max, greedy };
      body = possessive ? { kind: 'atomic', body: repeat } : repeat;
    }
  }

  private atom(): Pattern {
    const { reader, options } = this;
    if (reader.accept('(')) return this.group();
    if (reader.accept('[')) return { kind: 'character', test: parseClass(reader, options.ignoreCase) };
    if (reader.accept('.'))
      return { kind: 'character', test: options.dotMatchesNewline ? () => true : (point) => point !== 10 };
    if (reader.accept('^')) return { kind: 'assertion', holds: options.lineAnchors ? atLineStart : atStart };
    if (reader.accept('$')) return { kind: 'assertion', holds: options.lineAnchors ? atLineEnd : atLastLine };
    if (/[*+?]/.test(reader.peek())) throw reader.fail('target of repeat operator is not specified');
    if (reader.peek() === '\\') return this.escape();
    return this.literal();
  }

  private literal(): Pattern {
    return { kind: 'character', test: singleCharacter(this.reader.character(false), this.options.ignoreCase) };
  }

  private escape(): Pattern {
    const { reader } = this;
    const property = parseProperty(reader);
    if (property) return { kind: 'character', test: property };
    const set = reader.match(/\\([dDwWsShH])/y);
    if (set) return { kind: 'character', test: shorthand(set[1]!)! };
    const anchor = reader.match(/\\([AzZbBG])/y);
    if (anchor) return { kind: 'assertion', holds: ANCHORS[anchor[1]!]! };
    if (reader.accept('\\K')) return { kind: 'keep' };
    const quoted = reader.match(/\\Q([^]*?)(?:\\E|$)/y);
    if (quoted)
      return {
        kind: 'sequence',
        items: Array.from(quoted[1]!, (character) => ({
          kind: 'character',
          test: singleCharacter(character.codePointAt(0)!, this.options.ignoreCase),
        })),
      };
    if (reader.accept('\\R')) return this.lineBreak();
    if (reader.match(/\\g[<']/y)) throw reader.fail('subexpression calls are not supported');
    const named = reader.match(/\\k(?:<([^>]+)>|'([^']+)')/y);
    if (named) return this.reference(named[1] ?? named[2]!);
    const numbered = reader.match(/\\([1-9][0-9]?)/y);
    return numbered ? this.reference(numbered[1]!) : this.literal();
  }

  private lineBreak(): Pattern {
    const one = (test: (point: number) => boolean): Pattern => ({ kind: 'character', test });
    const pair: Pattern = { kind: 'sequence', items: [one((point) => point === 13), one((point) => point === 10)] };
    const single = one(
      (point) => (point >= 10 && point <= 13) || point === 0x85 || point === 0x2028 || point === 0x2029,
    );
    return { kind: 'atomic', body: { kind: 'choice', options: [pair, single] } };
  }

  private reference(name: string): Pattern {
    const relative = /^-\d+$/.test(name) ? this.groups.length + Number(name) : Number(name) - 1;
    const groups = Number.isNaN(relative)
      ? this.groups.flatMap((group, index) => (group === name ? [index] : []))
      : [relative];
    if (groups.length === 0) throw this.reader.fail(`undefined name <${name}> reference`);
    if (groups.some((index) => index < 0 || index >= this.groups.length))
      throw this.reader.fail('invalid backref number/name');
    return { kind: 'reference', groups, ignoreCase: this.options.ignoreCase };
  }

  private group(): Pattern {
    const { reader } = this;
    if (reader.match(/\?#[^)]*\)/y)) return { kind: 'empty' };
    const look = reader.match(/\?(<?)([=!])/y);
    if (look) return { kind: 'look', behind: look[1] === '<', negative: look[2] === '!', body: this.closed() };
    if (reader.accept('?>')) return { kind: 'atomic', body: this.closed() };
    if (reader.accept('?:')) return this.closed();
    const named = reader.match(/\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/y);
    if (named) return this.capture(named[1] ?? named[2]!);
    const switches = reader.match(/\?([imsx]*)(?:-([imsx]*))?(?=[:)])/y);
    if (switches) return this.withOptions(switches[1]!, switches[2] ?? '');
    if (reader.peek() === '?') throw reader.fail('undefined group option');
    return this.capture(null);
  }

  private capture(name: string | null): Pattern {
    const index = this.groups.push(name) - 1;
    return { kind: 'group', index, body: this.closed() };
  }

  private closed(): Pattern {
    const body = this.alternatives();
    if (!this.reader.accept(')')) throw this.reader.fail('end pattern with unmatched parenthesis');
    return body;
  }

  private withOptions(on: string, off: string): Pattern {
    const outer = this.options;
    const pick = (letter: string, before: boolean): boolean => (on.includes(letter) || before) && !off.includes(letter);
    this.options = {
      ignoreCase: pick('i', outer.ignoreCase),
      extended: pick('x', outer.extended),
      dotMatchesNewline: pick('s', outer.dotMatchesNewline),
      lineAnchors: pick('m', outer.lineAnchors),
    };
    // `(?i)` holds for the rest of the group around it, alternatives included.
    if (this.reader.accept(')')) return this.alternatives();
    this.reader.accept(':');
    const body = this.closed();
    this.options = outer;
    return body;
  }
}

function boundsOf([text, min, comma, max, upTo]: RegExpExecArray): { min: number; max: number } {
  if (text === '*') return { min: 0, max: Infinity };
  if (text === '+') return { min: 1, max: Infinity };
  if (text === '?') return { min: 0, max: 1 };
  if (upTo !== undefined) return { min: 0, max: Number(upTo) };
  if (comma === '') return { min: Number(min), max: Number(min) };
  return { min: Number(min), max: max === '' ? Infinity : Number(max) };
}
