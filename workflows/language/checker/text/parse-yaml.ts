import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';
import { Unreadable } from './to-json.js';

interface Limits {
  levels: number;
  tokens: number;
}

/**
 * The documents of a text. Depth is counted before anything recursive sees it: deep recursion inside of a regular
 * expression engine ends a process, not a call. Fails with `Unreadable`.
 */
export function parseYaml(text: string, { levels, tokens: maxTokens }: Limits): Document[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let lexemes = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > maxTokens)
      throw new Unreadable('too-large', `has more than ${maxTokens} words and signs`, parser.offset);
    tokens.push(...parser.next(lexeme));
  }
  tokens.push(...parser.end());
  refuseDepth(tokens, levels);
  const composer = new Composer({
    schema: 'core',
    version: '1.2',
    merge: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  return [...composer.compose(tokens, true, text.length)] as Document[];
}

function refuseDepth(tokens: readonly CST.Token[], levels: number): void {
  const open: [token: CST.Token, level: number][] = tokens.map((token) => [token, 0]);
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, level] = next;
    const inner = 'items' in token ? level + 1 : level;
    if (inner > levels) throw new Unreadable('too-deep', `nested more than ${levels} levels deep`, token.offset);
    if (token.type === 'document' && token.value) open.push([token.value, inner]);
    if (!('items' in token)) continue;
    for (const { key, value } of token.items) {
      if (key) open.push([key, inner]);
      if (value) open.push([value, inner]);
    }
  }
}
