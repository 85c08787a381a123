/** What the lexer gives the parser. `start` and `end` are offsets in UTF-16 units. */
export interface Token {
  readonly type: TokenType;
  /** Names without their mark: `a` for `.a`, `$a` and `@a`; text of a string with escapes resolved. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export type TokenType =
  | 'field'
  | 'identifier'
  | 'keyword'
  | 'variable'
  | 'format'
  | 'number'
  | 'operator'
  | 'string-start'
  | 'string-text'
  | 'interpolation-start'
  | 'interpolation-end'
  | 'string-end'
  | 'end';

export const KEYWORDS: ReadonlySet<string> = new Set([
  'as',
  'import',
  'include',
  'module',
  'def',
  'if',
  'then',
  'else',
  'elif',
  'end',
  'and',
  'or',
  'reduce',
  'foreach',
  'try',
  'catch',
  'label',
  '__loc__',
]);
