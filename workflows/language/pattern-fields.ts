/**
 * What a field of a pattern's parameters holds, when it is not a plain value; `own`: jq that reads no variables; `told`: a
 * template over the input of a call, which reads that of the pattern beside it.
 */
export type PatternField = 'jq' | 'own' | 'template' | 'told' | 'question' | 'schema' | 'range' | 'data';

const FIELDS: { readonly [name: string]: PatternField } = {
  input: 'template',
  items: 'template',
  entries: 'template',
  skipIf: 'jq',
  exitIf: 'jq',
  when: 'jq',
  until: 'jq',
  eligible: 'jq',
  score: 'jq',
  split: 'jq',
  limit: 'jq',
  quantity: 'jq',
  rule: 'jq',
  best: 'jq',
  partitionKey: 'jq',
  expand: 'jq',
  features: 'jq',
  expr: 'jq',
  terminateWhen: 'jq',
  question: 'question',
  schema: 'schema',
  outputSchema: 'schema',
  stickyKey: 'own',
  recall: 'told',
  version: 'range',
  value: 'data',
  labels: 'data',
};

/** Of every pattern, by name; what is in such a field is not looked into for further fields. */
export const patternField = (name: string): PatternField | undefined =>
  Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;

/** What patterns give to expressions beside the data itself. */
export const PATTERN_VARIABLES: readonly string[] = [
  'input',
  'item',
  'index',
  'round',
  'own',
  'votes',
  'entries',
  'reasons',
  'count',
  'answers',
  'data',
];

/** Tasks of shared memory inside of patterns: `with` is all templates, but for `update`, which is jq, and `default`. */
export const isMemoryTask = (value: object): boolean =>
  'call' in value && typeof value.call === 'string' && value.call.startsWith('memory.');

/** Why the ways to choose that a place says, below what is around it, do not go together. */
export function choosingFault(
  own: Record<string, unknown>,
  around: Record<string, unknown>,
): { field: 'select' | 'stickyKey'; message: string } | undefined {
  const { select = around['select'], coordinator = around['coordinator'], stickyKey } = own;
  if (own['select'] === 'delegated' && coordinator === undefined)
    return { field: 'select', message: 'needs a coordinator: the agent that chooses' };
  if (stickyKey !== undefined && select !== 'sticky')
    return { field: 'stickyKey', message: 'goes with select: sticky only' };
  return undefined;
}
