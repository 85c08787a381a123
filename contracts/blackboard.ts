import { z } from 'zod';
import { namesTarget, TARGET_NEEDED } from './call-target.js';
import { type AgentTask, agentTaskSchema, type CallOptions, callOptionsShape } from './calls.js';
import { expressionSchema } from './templates.js';
import { durationSchema } from './durations.js';
import { type Json, jsonSchema, nameSchema, type SchemaDocument, schemaDocumentSchema } from './json.js';
import { type MemoryScope, memoryScopeSchema } from './memory.js';
import type { MemoryTask } from './memory-tasks.js';
import type { StepSchema, Task } from './tasks.js';

export interface SourceExtras {
  name: string;
  when?: string;
  writes?: string[];
  priority: number;
  cost: number;
  cooldownMs?: number;
  maxActivations?: number;
}
export type Source = (Task | MemoryTask) & SourceExtras;

/** An agent that answers a call of kind `decide`. */
export type Decider = Omit<AgentTask, 'input' | 'outputSchema'>;
export type Cleaner = Decider & { every: number; when?: string };

export type Consistency = 'strong' | 'snapshot' | 'eventual';
export type ConflictRule = 'reject' | 'lastWriter' | 'highestConfidence' | 'keepBoth' | { decider: Decider };
export type Control = 'priority' | 'highestValue' | 'round-robin' | { decider: Decider };
/** `consensus` sources stand behind one value of an entry of `section`. */
export interface Consensus {
  consensus: number;
  section: string;
  key?: string;
}

export interface BoardSection {
  name: string;
  schema?: SchemaDocument;
  entries?: Json;
}

/** A board that outlives the run: an entry of the shared memory, with its own `scopeId` unless of the organisation. */
export interface BoardMemory {
  scope: MemoryScope;
  scopeId?: string;
  key: string;
  /** Cycles after which it is also written while the run is under way. */
  flushEvery?: number;
}

export type BlackboardParams = CallOptions & {
  board: { sections: BoardSection[]; memory?: BoardMemory };
  sources: Source[];
  control: Control;
  parallel: number;
  consistency: Consistency;
  conflict: ConflictRule;
  until?: string | Consensus;
  maxCycles: number;
  maxActivations: number;
  cleaner?: Cleaner;
  input?: Json;
  outputSchema?: SchemaDocument;
};

const MAX_SOURCES = 200;
/** Authors and causes that are no source. */
const RESERVED = ['start', 'cleaner', 'ttl', 'memory'];

const sectionSchema = z.strictObject({
  name: nameSchema,
  schema: schemaDocumentSchema.optional().describe('JSON Schema of every value in the section.'),
  entries: jsonSchema.optional().describe('What it holds at the start: an object, key to value; jq in `${ }`.'),
});

const boardMemorySchema: z.ZodType<BoardMemory> = z
  .strictObject({
    scope: memoryScopeSchema,
    scopeId: nameSchema.optional().describe('Name of the session, id of the run; its own run unless said.'),
    key: nameSchema,
    flushEvery: z.int().min(1).max(1_000).optional().describe('Also written after so many cycles.'),
  })
  .refine(({ scope, scopeId }) => scope === 'run' || (scope === 'session') === (scopeId !== undefined), {
    path: ['scopeId'],
    message: 'is needed with scope session, and the organisation has none',
  });

const sourceExtras = {
  name: nameSchema.optional().describe('Author of what it writes; its agent or capability unless said.'),
  when: expressionSchema.optional().describe('jq over the board; true lets the source act. Always, unless said.'),
  writes: z.array(nameSchema).min(1).max(100).optional().describe('Sections it may write; all unless said.'),
  priority: z.number().default(0),
  cost: z.number().nonnegative().default(0),
  cooldown: durationSchema.optional(),
  maxActivations: z.int().min(1).max(10_000).optional(),
};

const deciderShape = agentTaskSchema.omit({ input: true, outputSchema: true });
const deciderSchema: z.ZodType<{ decider: Decider }> = deciderShape
  .refine(namesTarget, TARGET_NEEDED)
  .transform((decider) => ({ decider }));

/** Who acts next, among the sources whose `when` holds. An agent is asked with a call of kind `decide`. */
export const controlSchema = z.union([z.enum(['priority', 'highestValue', 'round-robin']), deciderSchema]);
/** What becomes of a write to an entry that changed since its author read the board. */
export const conflictSchema = z.union([
  z.enum(['reject', 'lastWriter', 'highestConfidence', 'keepBoth']),
  deciderSchema,
]);
export const cleanerSchema: z.ZodType<Cleaner> = deciderShape
  .extend({ every: z.int().min(1).max(1_000).default(1), when: expressionSchema.optional() })
  .refine(namesTarget, TARGET_NEEDED);
const consensusSchema = z.strictObject({
  consensus: z.int().min(1).max(MAX_SOURCES),
  section: nameSchema,
  key: z.string().min(1).max(256).optional(),
});

/**
 * `blackboard`: sources act on a shared board when their `when` holds, until `until`, quiescence or a limit. `strong`:
 * a write is refused when its entry changed since it was read, and the source acts again; `snapshot`: all activations of
 * a cycle read the same board and are merged together; `eventual`: writes are merged by `conflict` as they arrive.
 */
export const blackboardParamsSchema = (stepSchema: StepSchema): z.ZodType<BlackboardParams> =>
  z
    .strictObject({
      ...callOptionsShape,
      board: z
        .strictObject({
          sections: z.array(sectionSchema).max(100).default([]),
          memory: boardMemorySchema
            .optional()
            .describe('Where the board is kept beyond the run: loaded at the start, written back at the end.'),
        })
        .prefault({}),
      sources: z.array(sourceSchema(stepSchema)).min(1).max(MAX_SOURCES),
      control: controlSchema.default('priority'),
      parallel: z.int().min(1).max(100).default(1).describe('Activations at once.'),
      consistency: z.enum(['strong', 'snapshot', 'eventual']).default('strong'),
      conflict: conflictSchema.default('reject'),
      until: z.union([expressionSchema, consensusSchema]).optional().describe('jq over the board, or k of n sources.'),
      maxCycles: z.int().min(1).max(10_000).default(100),
      maxActivations: z.int().min(1).max(10_000).default(500),
      cleaner: cleanerSchema.optional().describe('Asked every so many cycles which entries may go.'),
      input: jsonSchema.optional(),
      outputSchema: schemaDocumentSchema.optional(),
    })
    .superRefine(checkBoard)
    .meta({ id: 'BlackboardParams' });

/** A source as documents write it; parsing names it after its agent, capability, pattern or call when it has no name. */
function sourceSchema(stepSchema: StepSchema): z.ZodType<Source> {
  type Written = Omit<SourceExtras, 'name' | 'cooldownMs'> & { name?: string; cooldown?: number };
  return stepSchema<Written>(sourceExtras).transform(({ name, cooldown, ...source }): Source => ({
    ...source,
    name: name ?? nameOf(source),
    ...(cooldown !== undefined && { cooldownMs: cooldown }),
  }));
}

function nameOf(source: Task | MemoryTask): string {
  if ('pattern' in source) return source.pattern;
  return 'call' in source ? source.call : (source.agent ?? source.capability ?? 'source');
}

type Checked = Pick<BlackboardParams, 'board' | 'sources' | 'control' | 'consistency' | 'conflict' | 'until'>;

function checkBoard(
  { board, sources, control, consistency, conflict, until }: Checked,
  context: z.RefinementCtx,
): void {
  const fail = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
  const sections = board.sections.map(({ name }) => name);
  if (new Set(sections).size !== sections.length) fail(['board', 'sections'], 'section names must be unique');
  const names = sources.map(({ name }) => name);
  if (new Set(names).size !== names.length)
    fail(['sources'], 'two sources have the same name: give each its own `name`');
  if (consistency === 'strong' && conflict !== 'reject')
    fail(['conflict'], 'must be reject under strong: a write that comes too late is refused there, never merged');
  for (const [index, name] of names.entries())
    if (RESERVED.includes(name))
      fail(['sources', index, 'name'], `must not be ${name}: entries name the board's own changes so`);
  const declared = (section: string) => sections.length === 0 || sections.includes(section);
  for (const [index, source] of sources.entries()) {
    if (source.writes?.some((section) => !declared(section)))
      fail(['sources', index, 'writes'], `must name sections of the board: ${sections.join(', ')}`);
    if (control === 'highestValue' && ('pattern' in source || 'call' in source))
      fail(['sources', index], 'must be an agent call under highestValue: nothing else can say what it would add');
  }
  if (typeof until !== 'object') return;
  if (!declared(until.section)) fail(['until', 'section'], `must be a section of the board: ${sections.join(', ')}`);
  if (until.consensus > sources.length)
    fail(['until', 'consensus'], `must be at most the number of sources, ${sources.length}`);
}
