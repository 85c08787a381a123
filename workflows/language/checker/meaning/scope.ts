/** Where in the life of a task or run an expression stands; each sees what is there by then. */
export type Place = 'run-input' | 'before' | 'body' | 'export' | 'run-output';

const KNOWN: { [Where in Place]: readonly string[] } = {
  'run-input': ['workflow', 'runtime'],
  before: ['workflow', 'runtime', 'context', 'task'],
  body: ['workflow', 'runtime', 'context', 'task', 'input'],
  export: ['workflow', 'runtime', 'context', 'task', 'input', 'output'],
  'run-output': ['context', 'workflow', 'runtime'],
};

/** Variables of loops and catches that hold here. */
export type Scope = readonly string[];

export const variablesAt = (place: Place, scope: Scope = []): readonly string[] => [
  ...new Set([...KNOWN[place], ...scope]),
];

/** Inside of `with` of calls, authentications included. */
export const SECRET_VARIABLES = ['secrets', 'authorization'] as const;
