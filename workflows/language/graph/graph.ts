/** What a box of a drawing stands for: a task by its kind, a member of a pattern, a list of tasks, or where runs begin and end. */
export interface GraphNode {
  /** JSON pointer of what it stands for; `start` and `end` for those of the run. */
  id: string;
  kind: string;
  /** As the definition names it. */
  name: string;
  /** What it does, in a few words; empty when its name says it. */
  label: string;
  /** The node around it. */
  parent: string | null;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** `flow`: what comes next; `case`: when a condition holds; `error`: when it fails; `jump`: a named target. */
  kind: 'flow' | 'case' | 'error' | 'jump';
  label?: string;
}

/** Nodes in the order of the document, those around others first. A node that is a parent is drawn as a box around them. */
export interface DefinitionGraph {
  /** `namespace/name:version`. */
  definition: string;
  nodes: GraphNode[];
  edges: GraphEdge[];
}

const LONGEST = 60;

/** A few words on one line. */
export function brief(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

const step = (key: string | number) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`;
/** JSON pointer of a place below another. */
export const below = (id: string, ...keys: (string | number)[]): string => `${id}${keys.map(step).join('')}`;
