import { syntaxError } from '../jq-error.js';
import { readEscape } from './escape.js';
import { KEYWORDS, type Token, type TokenType } from './token.js';

const SPACE = /(?:[ \t\r\n]+|#(?:\\(?:\r\n|[^])|[^\\\r\n])*)+/y;
const FIELD = /\.[A-Za-z_][A-Za-z_0-9]*/y;
const NAME = /(?:[A-Za-z_][A-Za-z_0-9]*::)*[A-Za-z_][A-Za-z_0-9]*/y;
const VARIABLE = /\$\s*((?:[A-Za-z_][A-Za-z_0-9]*::)*[A-Za-z_][A-Za-z_0-9]*)/y;
const FORMAT = /@[A-Za-z_0-9]+/y;
const NUMBER = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/y;
const OPERATOR = /\?\/\/|\/\/=|\.\.|[|+\-*/%=!<>]=|\/\/|[.?|,:;=+\-*/%<>()[\]{}$]/y;
const OPENING = '([{';
const CLOSING = ')]}';

/**
 * Splits jq text from `offset` on. With `embedded`, stops in front of the brace that closes
 * the `${` the text stands in; the `end` token says where that is.
 */
export function tokenize(text: string, offset = 0, embedded = false): Token[] {
  return new Lexer(text, offset, embedded).run();
}

class Lexer {
  private readonly tokens: Token[] = [];
  /** Open brackets; an `interpolation-start` stands for the string it interrupts. */
  private readonly open: string[] = [];

  constructor(
    private readonly text: string,
    private offset: number,
    private readonly embedded: boolean,
  ) {}

  run(): Token[] {
    for (;;) {
      this.match(SPACE);
      if (
        this.offset >= this.text.length ||
        (this.embedded && this.open.length === 0 && this.text[this.offset] === '}')
      )
        break;
      this.next();
    }
    this.add('end', '', this.offset);
    return this.tokens;
  }

  private next(): void {
    const start = this.offset;
    if (this.text[start] === '"') {
      this.add('string-start', '"', start + 1);
      this.string();
      return;
    }
    const found =
      this.token('field', FIELD, 1) ??
      this.token('number', NUMBER, 0) ??
      this.token('format', FORMAT, 1) ??
      this.variable() ??
      this.name() ??
      this.operator();
    if (!found) throw syntaxError(`syntax error: unexpected character ${this.text[start] ?? ''}`, this.text, start);
  }

  private token(type: TokenType, pattern: RegExp, skip: number): true | undefined {
    const found = this.peek(pattern);
    if (found === undefined) return undefined;
    this.add(type, found.slice(skip), this.offset + found.length);
    return true;
  }

  private variable(): true | undefined {
    const found = this.peek(VARIABLE);
    if (found === undefined) return undefined;
    this.add('variable', found.slice(1).trim(), this.offset + found.length);
    return true;
  }

  private name(): true | undefined {
    const found = this.peek(NAME);
    if (found === undefined) return undefined;
    this.add(KEYWORDS.has(found) ? 'keyword' : 'identifier', found, this.offset + found.length);
    return true;
  }

  private operator(): true | undefined {
    const found = this.peek(OPERATOR);
    if (found === undefined) return undefined;
    const closing = CLOSING.indexOf(found);
    if (OPENING.includes(found)) this.open.push(found);
    else if (closing >= 0) {
      const opened = this.open.pop();
      if (opened === 'string' && found === ')') {
        this.add('interpolation-end', found, this.offset + 1);
        this.string();
        return true;
      }
      if (opened !== OPENING[closing]) throw syntaxError(`syntax error: unexpected ${found}`, this.text, this.offset);
    }
    this.add('operator', found, this.offset + found.length);
    return true;
  }

  /** The rest of a string literal, up to its end or its next interpolation. */
  private string(): void {
    const start = this.offset;
    let content = '';
    let at = start;
    for (;;) {
      const character = this.text[at];
      if (character === undefined) throw syntaxError('syntax error: unterminated string literal', this.text, start - 1);
      if (character === '"') {
        this.add('string-text', content, at);
        this.add('string-end', '"', at + 1);
        return;
      }
      if (character === '\\' && this.text[at + 1] === '(') {
        this.add('string-text', content, at);
        this.add('interpolation-start', '\\(', at + 2);
        this.open.push('string');
        return;
      }
      if (character === '\\') {
        const escape = readEscape(this.text, at);
        content += escape.text;
        at = escape.end;
      } else {
        content += character;
        at += 1;
      }
    }
  }

  private peek(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.offset;
    return pattern.exec(this.text)?.[0];
  }

  private match(pattern: RegExp): void {
    this.offset += this.peek(pattern)?.length ?? 0;
  }

  private add(type: TokenType, text: string, end: number): void {
    this.tokens.push({ type, text, start: this.offset, end });
    this.offset = end;
  }
}
