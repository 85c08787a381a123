/** Of `name=value` the two, of a name alone, which stands for any value, the name. */
export function splitLabel(label: string): [name: string, value?: string] {
  const at = label.indexOf('=');
  return at < 0 ? [label] : [label.slice(0, at), label.slice(at + 1)];
}
