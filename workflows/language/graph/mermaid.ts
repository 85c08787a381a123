import type { DefinitionGraph, GraphEdge, GraphNode } from '../../../contracts/definition-graph.js';

/** Brackets of a node's shape by its kind. */
const SHAPES: Readonly<Record<string, readonly [open: string, close: string]>> = {
  start: ['([', '])'],
  end: ['([', '])'],
  switch: ['{', '}'],
  listen: ['{{', '}}'],
  emit: ['{{', '}}'],
  raise: ['[[', ']]'],
  agent: ['(', ')'],
};

const isDotted = (kind: GraphEdge['kind']) => kind === 'jump' || kind === 'error';

/** The drawing as Mermaid text (flowchart): boxes around lists and patterns, dotted lines for jumps and errors. */
export function mermaidOf({ definition, nodes, edges }: DefinitionGraph): string {
  const names = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const children = new Map<string | null, GraphNode[]>();
  for (const node of nodes) children.set(node.parent, [...(children.get(node.parent) ?? []), node]);

  const draw = (node: GraphNode, indent: string): string[] => {
    const name = names.get(node.id) ?? '';
    const parts = children.get(node.id);
    if (!parts) {
      const [open, close] = SHAPES[node.kind] ?? ['[', ']'];
      return [`${indent}${name}${open}"${wordsOf(node)}"${close}`];
    }
    return [
      `${indent}subgraph ${name}["${wordsOf(node)}"]`,
      ...parts.flatMap((part) => draw(part, `${indent}  `)),
      `${indent}end`,
    ];
  };
  const lines = (children.get(null) ?? []).flatMap((node) => draw(node, '  '));
  const arrows = edges.map(({ from, to, kind, label }) => {
    const arrow = isDotted(kind) ? '-.->' : '-->';
    const words = label === undefined ? '' : `|"${escaped(label)}"|`;
    return `  ${names.get(from) ?? ''} ${arrow}${words} ${names.get(to) ?? ''}`;
  });
  return ['---', `title: "${escaped(definition)}"`, '---', 'flowchart TD', ...lines, ...arrows, ''].join('\n');
}

function wordsOf({ name, label, kind }: GraphNode): string {
  if (kind === 'start' || kind === 'end') return kind;
  return label === '' ? escaped(name) : `${escaped(name)}<br/>${escaped(label)}`;
}

/** Whatever Mermaid or HTML would read as more than text, as character codes. */
const escaped = (text: string) =>
  text.replaceAll(/["#&<>`\\;]/g, (sign) => `#${sign.codePointAt(0)};`).replaceAll(/\s+/g, ' ');
