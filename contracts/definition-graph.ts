import { z } from 'zod';

const nodeSchema = z.object({
  id: z.string().describe('JSON pointer of what it stands for; `start` and `end` for those of the run.'),
  kind: z.string().describe('Kind of task, `agent` or the pattern of a member, `list`, `start`, `end`.'),
  name: z.string().describe('As the definition names it.'),
  label: z.string().describe('What it does, in a few words; empty when its name says it.'),
  parent: z.string().nullable().describe('The node around it.'),
});
export type GraphNode = z.infer<typeof nodeSchema>;

const edgeSchema = z.object({
  from: z.string(),
  to: z.string(),
  kind: z
    .enum(['flow', 'case', 'error', 'jump'])
    .describe('What comes next, when a condition holds, when it fails, or a named target.'),
  label: z.string().optional(),
});
export type GraphEdge = z.infer<typeof edgeSchema>;

/** Nodes in the order of the document, those around others first. A node that is a parent is drawn as a box around them. */
export const definitionGraphSchema = z
  .object({
    definition: z.string().describe('`namespace/name:version`.'),
    nodes: z.array(nodeSchema),
    edges: z.array(edgeSchema),
  })
  .meta({ id: 'DefinitionGraph' });
export type DefinitionGraph = z.infer<typeof definitionGraphSchema>;
