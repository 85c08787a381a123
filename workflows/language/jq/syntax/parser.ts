import { JqError, syntaxError } from '../jq-error.js';
import type { AssignOperator, BinaryOperator, Definition, Node } from './ast.js';
import { tokenize } from './lexer.js';
import { parsePatterns } from './parse-pattern.js';
import { parseSigned } from './parse-term.js';
import type { Token, TokenType } from './token.js';

/** Deeper programs would need more call stack than a workflow has. */
const NESTING = 400;
const COMPARISONS = ['==', '!=', '<', '<=', '>', '>='];
const ASSIGNMENTS = ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='];

/** Binding strength of the infix operators; `|` and what stands below it is read by `pipe`. */
const STRENGTH: Readonly<Record<string, number>> = {
  ',': 1,
  '//': 2,
  ...Object.fromEntries(ASSIGNMENTS.map((operator) => [operator, 3])),
  or: 4,
  and: 5,
  ...Object.fromEntries(COMPARISONS.map((operator) => [operator, 6])),
  '+': 7,
  '-': 7,
  '*': 8,
  '/': 8,
  '%': 8,
};
const COMMA = 1;
const ALTERNATIVE = 2;

/** Parses a whole program. */
export function parseProgram(text: string): Node {
  const parser = new Parser(text);
  const modules = parser.peek();
  if (modules.type === 'keyword' && ['module', 'import', 'include'].includes(modules.text))
    throw parser.fail(`${modules.text} is not supported: modules are left out`);
  const program = parser.pipe();
  if (parser.peek().type !== 'end') throw parser.unexpected();
  return program;
}

/** A definition of the prelude, `def f: …;`. */
export function parseDefinition(text: string): Definition {
  return new Parser(text).definition();
}

/** Recursive descent with one token of look-ahead. */
export class Parser {
  private readonly tokens: readonly Token[];
  private index = 0;
  private depth = 0;

  constructor(readonly text: string) {
    this.tokens = tokenize(text);
  }

  /** `def`s, bindings and labels reach as far to the right as they can; `|` groups from the right. */
  pipe(withComma = true): Node {
    return this.nested(() => {
      const stages = [this.infix(withComma ? COMMA : ALTERNATIVE)];
      while (this.accept('operator', '|')) stages.push(this.infix(withComma ? COMMA : ALTERNATIVE));
      return stages.reduceRight((right, left) => ({ kind: 'pipe', left, right, at: left.at }));
    });
  }

  infix(weakest: number): Node {
    let left = this.operand();
    for (;;) {
      const { text, type } = this.peek();
      const strength = type === 'operator' || type === 'keyword' ? STRENGTH[text] : undefined;
      if (strength === undefined || strength < weakest) return left;
      const { start } = this.take();
      const right = this.infixRight(text, strength);
      left = this.combine(text, left, right, start);
      if (
        (COMPARISONS.includes(text) || ASSIGNMENTS.includes(text)) &&
        STRENGTH[this.peek().text] === strength &&
        this.peek().type === 'operator'
      )
        throw this.unexpected();
    }
  }

  private infixRight(operator: string, strength: number): Node {
    // `//` groups from the right, the others from the left or not at all.
    return this.nested(() => this.infix(operator === '//' ? strength : strength + 1));
  }

  private combine(operator: string, left: Node, right: Node, at: number): Node {
    if (operator === ',') return { kind: 'comma', left, right, at };
    if (operator === '//') return { kind: 'alternative', left, right, at };
    if (operator === 'and' || operator === 'or') return { kind: operator, left, right, at };
    if (ASSIGNMENTS.includes(operator))
      return { kind: 'assign', operator: operator as AssignOperator, left, right, at };
    return { kind: 'binary', operator: operator as BinaryOperator, left, right, at };
  }

  private operand(): Node {
    const { start } = this.peek();
    if (this.isNext('keyword', 'def')) {
      const definition = this.definition();
      return { kind: 'define', definition, body: this.pipe(), at: start };
    }
    if (this.accept('keyword', 'label')) {
      const name = this.expect('variable').text;
      this.expect('operator', '|');
      return { kind: 'label', name, body: this.pipe(), at: start };
    }
    const source = this.nested(() => parseSigned(this));
    if (!this.accept('keyword', 'as')) return source;
    const patterns = parsePatterns(this);
    this.expect('operator', '|');
    return { kind: 'bind', source, patterns, body: this.pipe(), at: start };
  }

  definition(): Definition {
    this.expect('keyword', 'def');
    const name = this.name();
    const parameters: string[] = [];
    if (this.accept('operator', '(')) {
      do parameters.push(this.isNext('variable') ? `$${this.take().text}` : this.name());
      while (this.accept('operator', ';'));
      this.expect('operator', ')');
    }
    this.expect('operator', ':');
    const body = this.pipe();
    this.expect('operator', ';');
    return { name, parameters, body };
  }

  private name(): string {
    if (this.isNext('keyword')) return this.take().text;
    return this.expect('identifier').text;
  }

  peek(): Token {
    return this.tokens[this.index]!;
  }

  take(): Token {
    const token = this.peek();
    if (token.type !== 'end') this.index += 1;
    return token;
  }

  isNext(type: TokenType, text?: string): boolean {
    const token = this.peek();
    return token.type === type && (text === undefined || token.text === text);
  }

  accept(type: TokenType, text?: string): Token | undefined {
    return this.isNext(type, text) ? this.take() : undefined;
  }

  expect(type: TokenType, text?: string): Token {
    const token = this.accept(type, text);
    if (!token) throw this.unexpected(text ?? type);
    return token;
  }

  unexpected(expected?: string): JqError {
    const { type, text } = this.peek();
    const found = type === 'end' ? 'unexpected end of program' : `unexpected ${text}`;
    return this.fail(`syntax error: ${found}${expected === undefined ? '' : `, expecting ${expected}`}`);
  }

  fail(message: string): JqError {
    return this.failAt(message, this.peek().start);
  }

  failAt(message: string, offset: number): JqError {
    return syntaxError(message, this.text, offset);
  }

  nested<Result>(parse: () => Result): Result {
    this.depth += 1;
    if (this.depth > NESTING)
      throw new JqError('limit', 'depth limit: the program is nested too deeply', { limit: 'depth' });
    const result = parse();
    this.depth -= 1;
    return result;
  }
}
