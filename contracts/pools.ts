import { z } from 'zod';
import { nameSchema } from './json.js';

const HOUR_MS = 3_600_000;
const MAX_SIZE = 200;
const time = z.string().describe('RFC 3339');
const port = z.int().min(1).max(65_535);

/** `BRIKK_POOLS` of API and workers: whether templates may run programs here. */
export const poolsSettingSchema = z.enum(['on', 'off']).optional();

/** On in development, else off, unless the setting says. */
export const arePoolsOn = (setting: z.infer<typeof poolsSettingSchema>, environment: string): boolean =>
  setting === undefined ? environment === 'development' : setting === 'on';

/** What becomes of a member that ends, or hangs, unasked. */
export const RECOVERIES = ['restart', 'replacement', 'failover', 'degraded_mode'] as const;
export const recoverySchema = z
  .enum(RECOVERIES)
  .describe(
    'Of a member that ends or hangs: restart begins it anew; replacement has the new one ready before it ends one that ' +
      'hangs; failover wakes a warm backup; degraded_mode goes on with fewer, down to min.',
  );
export type Recovery = z.infer<typeof recoverySchema>;

/** Names that decide how any program runs, or that the host sets itself. */
const RESERVED = /^(BRIKK_(API_URL|API_KEY|AGENT_STANDBY|AGENT_PORTS)|NODE_(OPTIONS|CHANNEL_.*)|LD_.*|DYLD_.*)$/;
const envSchema = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z_]\w{0,127}$/, 'must be the name of a variable')
      .refine((name) => !RESERVED.test(name), 'is set by the host'),
    z.string().max(4_096),
  )
  .refine((env) => Object.keys(env).length <= 100, 'must be at most 100')
  .describe('Shown to whoever may read templates: nothing secret.');

const argument = z
  .string()
  .min(1)
  .max(4_096)
  .refine((text) => !text.includes('\0'), 'must hold no zero byte');

/** `PUT /v1/agent-templates/{name}`: how a process is started that serves an agent by the SDK. */
export const putAgentTemplateSchema = z
  .strictObject({
    kind: z.enum(['process']).default('process'),
    agent: nameSchema.describe('The name by which it registers. Its key may touch this agent and no other.'),
    command: z.array(argument).min(1).max(64).optional().describe('The program and its arguments; or say module.'),
    module: argument.optional().describe("A JavaScript file, run by the host's Node; or say command."),
    cwd: argument.optional().describe("Where it runs; the host's folder unless said."),
    env: envSchema.default({}),
    ports: z
      .strictObject({ from: port, to: port })
      .refine(({ from, to }) => from <= to, { path: ['to'], message: 'must not be below from' })
      .optional()
      .describe('It listens on the first free one; on any unless said.'),
    recovery: recoverySchema.default('restart'),
    readyWithinMs: z.int().min(100).max(600_000).default(30_000).describe('A start that takes longer has failed.'),
    drainMs: z.int().min(0).max(HOUR_MS).default(300_000).describe('How long one that is to end may finish its calls.'),
  })
  .refine(({ command, module }) => (command === undefined) !== (module === undefined), {
    path: ['command'],
    message: 'is there, or module is: one of them',
  })
  .meta({ id: 'PutAgentTemplate' });
export type PutAgentTemplate = z.infer<typeof putAgentTemplateSchema>;

/** A template as it stands; each change has a version of its own, and members of an older one are replaced. */
export const agentTemplateSchema = z
  .object({ name: z.string(), version: z.int(), createdAt: time, updatedAt: time })
  .extend({
    kind: z.enum(['process']),
    agent: z.string(),
    command: z.array(z.string()).optional(),
    module: z.string().optional(),
    cwd: z.string().optional(),
    env: z.record(z.string(), z.string()),
    ports: z.object({ from: z.int(), to: z.int() }).optional(),
    recovery: recoverySchema,
    readyWithinMs: z.int(),
    drainMs: z.int(),
  })
  .meta({ id: 'AgentTemplate' });
export type AgentTemplate = z.infer<typeof agentTemplateSchema>;

const size = z.int().min(0).max(MAX_SIZE);
const paceSchema = (pace: { windowMs: number; step: number }) =>
  z
    .strictObject({
      windowMs: z
        .int()
        .min(0)
        .max(HOUR_MS)
        .default(pace.windowMs)
        .describe('The size changes when all that was wanted for so long agrees.'),
      step: z.int().min(1).max(MAX_SIZE).default(pace.step).describe('Members at most in everyMs.'),
      everyMs: z.int().min(1_000).max(HOUR_MS).default(15_000),
    })
    .prefault({});

/** `PUT /v1/pools/{name}`: so many processes of a template, more while they have much to do. */
export const putPoolSchema = z
  .strictObject({
    template: nameSchema,
    min: size.default(1),
    max: size.default(8),
    size: size.optional().describe('To begin with; 4 unless said, within min and max. min = max: it stays.'),
    backups: z.int().min(0).max(50).default(0).describe('Warm ones beside it, started and registered, without calls.'),
    targetUtilisation: z.number().min(0.05).max(1).default(0.7).describe('Calls, those that wait too, for each slot.'),
    tolerance: z.number().min(0).max(0.5).default(0.1).describe('Within so much of the target the size stays.'),
    scaleUp: paceSchema({ windowMs: 0, step: 4 }),
    scaleDown: paceSchema({ windowMs: 300_000, step: 1 }),
  })
  .refine(({ min, max }) => min <= max, { path: ['max'], message: 'must not be below min' })
  .refine(({ min, max, size: given }) => given === undefined || (given >= min && given <= max), {
    path: ['size'],
    message: 'must be within min and max',
  })
  .meta({ id: 'PutPool' });
export type PutPool = z.infer<typeof putPoolSchema>;
export type PoolSettings = Omit<PutPool, 'template' | 'size'>;

/** `POST /v1/pools/{name}/scale` */
export const scalePoolSchema = z
  .strictObject({ size: size.describe('Within min and max of the pool.') })
  .meta({ id: 'ScalePool' });
export type ScalePool = z.infer<typeof scalePoolSchema>;

export const POOL_STATES = ['waiting', 'starting', 'ready', 'degraded', 'crash_loop', 'deleting'] as const;
export const poolStateSchema = z
  .enum(POOL_STATES)
  .describe(
    'waiting: no host has it yet; starting: members are missing; degraded: it goes on with fewer; crash_loop: its processes ' +
      'end again and again.',
  );
export type PoolState = z.infer<typeof poolStateSchema>;

export const SCALE_REASONS = ['by_hand', 'utilisation', 'backlog', 'idle'] as const;
export type ScaleReason = (typeof SCALE_REASONS)[number];
export const scaleSchema = z
  .object({ from: z.int(), to: z.int(), reason: z.enum(SCALE_REASONS), at: time })
  .meta({ id: 'PoolScale' });
export type PoolScale = z.infer<typeof scaleSchema>;

export const MEMBER_STATES = ['starting', 'ready', 'backup', 'draining'] as const;
export const poolMemberSchema = z
  .object({
    id: z.string(),
    state: z.enum(MEMBER_STATES),
    pid: z.int().nullable(),
    instanceId: z.string().nullable(),
    endpoint: z.string().nullable(),
    inFlight: z.int(),
    templateVersion: z.int(),
    startedAt: time,
    readyAfterMs: z.number().nullable().describe('From its start until it was registered.'),
  })
  .meta({ id: 'PoolMember' });
export type PoolMember = z.infer<typeof poolMemberSchema>;

export const poolSchema = z
  .object({
    name: z.string(),
    template: z.string(),
    state: poolStateSchema,
    reason: z.string().nullable().describe('Why it is not ready.'),
    size: z.int().describe('Members that it is to have.'),
    total: z.int().describe('Members that take calls.'),
    busy: z.int(),
    idle: z.int(),
    queue: z.int().describe('Calls that wait for a slot of its agent.'),
    avgResponseMs: z.number().nullable(),
    throughputPerS: z.number(),
    lastScale: scaleSchema.nullable(),
    min: z.int(),
    max: z.int(),
    backups: z.int(),
    targetUtilisation: z.number(),
    tolerance: z.number(),
    scaleUp: z.object({ windowMs: z.int(), step: z.int(), everyMs: z.int() }),
    scaleDown: z.object({ windowMs: z.int(), step: z.int(), everyMs: z.int() }),
    members: z.array(poolMemberSchema),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: 'Pool' });
/** A pool as it stands: its terms, its members, and how busy they are. */
export type Pool = z.infer<typeof poolSchema>;
