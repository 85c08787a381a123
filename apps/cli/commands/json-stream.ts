const WORD = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[[\]{}]|[^\s"[\]{}]+/g;

/** The JSON values of a text, one after another, as their texts. Whether they are JSON is left to whoever parses them. */
export function jsonTexts(text: string): string[] {
  const found: string[] = [];
  let from: number | undefined;
  let depth = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    from ??= index;
    if (word === '{' || word === '[') depth += 1;
    else if (word === '}' || word === ']') depth -= 1;
    if (depth > 0) continue;
    found.push(text.slice(from, index + word.length));
    from = undefined;
    depth = 0;
  }
  return from === undefined ? found : [...found, text.slice(from)];
}

/** Compact JSON over several lines, two spaces a level; without recursion, since values may be deep. */
export function indented(compact: string): string {
  const lines: string[] = [];
  let line = '';
  let depth = 0;
  let inString = false;
  const newLine = () => {
    lines.push(line);
    line = '  '.repeat(depth);
  };
  for (let at = 0; at < compact.length; at++) {
    const sign = compact[at]!;
    if (inString) {
      line += sign;
      if (sign === '\\') line += compact[++at] ?? '';
      else if (sign === '"') inString = false;
    } else if ((sign === '[' || sign === '{') && !']}'.includes(compact[at + 1] ?? '')) {
      line += sign;
      depth += 1;
      newLine();
    } else if ((sign === ']' || sign === '}') && !'[{'.includes(compact[at - 1] ?? '')) {
      depth -= 1;
      newLine();
      line += sign;
    } else if (sign === ',') {
      line += sign;
      newLine();
    } else {
      if (sign === '"') inString = true;
      line += sign === ':' ? ': ' : sign;
    }
  }
  lines.push(line);
  return lines.join('\n');
}
