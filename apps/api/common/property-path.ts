/** `['with', 'steps', 2, 'a b']` as people write it: `with.steps[2]["a b"]`; `body` is the whole. */
export function propertyPath(path: readonly PropertyKey[], whole = 'body'): string {
  if (path.length === 0) return whole;
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const name = String(part);
    if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${text}[${JSON.stringify(shorten(name))}]`;
    return text === '' ? shorten(name) : `${text}.${shorten(name)}`;
  }, '');
}

const shorten = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}…` : name);
