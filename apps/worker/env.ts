import { z } from 'zod';
import { DEFAULT_ESTIMATE, type UsageEstimate } from '../../activities/budget-desk.js';
import { arePoolsOn, poolsSettingSchema } from '../../contracts/pools.js';
import { allowedProcessesSchema, type ProcessKind } from '../../contracts/processes.js';
import { allowedNetworks, networksSchema } from '../../connectors/lib/allowed-networks.js';
import { type KeyProvider, masterKeysSchema } from '../../database/master-key.js';
import { readTemporalSettings, type TemporalSettings } from '../../connectors/lib/temporal-settings.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
/** The more there are the seldomer they beat: the engine hears a hundred beats a second, three hundred of all of them. */
const MAX_SLOTS = 1_000;

const hostOverrides = z
  .string()
  .regex(/^([\w.:-]+=https?:\/\/[^\s,/]+(,|$))*$/, 'must be pairs such as api.example.com=http://127.0.0.1:9000')
  .default('')
  .transform((text) => Object.fromEntries(text.split(',').flatMap((pair) => (pair === '' ? [] : [pair.split('=')]))));

const schema = z.object({
  BRIKK_ENV: z.enum(['development', 'production']).default('production'),
  DATABASE_APP_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  DATABASE_DISPATCH_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** Where agents reach the API, to answer later; that of this machine where it stands alone. */
  BRIKK_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  BRIKK_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  /** Splits agent calls off to a queue of their own. */
  BRIKK_AGENT_QUEUE: z.string().min(1).optional(),
  /** Networks beside the public ones in which agents may live. */
  BRIKK_AGENT_NETWORKS: networksSchema,
  /** Origins that stand for hosts in calls of definitions, for tests: `api.example.com=http://127.0.0.1:9000`. */
  BRIKK_HTTP_HOST_OVERRIDES: hostOverrides,
  /** What definitions may start on this machine: `script,shell`. */
  BRIKK_ALLOW_PROCESSES: allowedProcessesSchema,
  /** Activities at the same time, each a batch of calls or a single one. */
  BRIKK_WORKER_SLOTS: z.coerce.number().int().min(1).max(MAX_SLOTS).default(MAX_SLOTS),
  BRIKK_MAX_CACHED_WORKFLOWS: z.coerce.number().int().min(1).default(500),
  /** What a call is taken to use, under a budget, when its agent has neither declared nor reported any usage. */
  BRIKK_ESTIMATE_TOKENS: z.coerce.number().int().min(1).default(DEFAULT_ESTIMATE.tokens),
  BRIKK_ESTIMATE_COST_USD: z.coerce.number().nonnegative().default(DEFAULT_ESTIMATE.costUsd),
  /** How long events of the bus are kept. */
  BRIKK_EVENT_RETENTION_DAYS: z.coerce.number().min(1).default(30),
  /** Whether this worker hosts pools, whose templates run programs as its user. */
  BRIKK_POOLS: poolsSettingSchema,
  /** What is in hand when the worker is told to stop has this long to end. */
  BRIKK_SHUTDOWN_GRACE_SECONDS: z.coerce.number().int().min(0).max(3_600).default(10),
  /** Renewed every second while the worker takes tasks: probes of containers look at its age. */
  BRIKK_HEALTH_FILE: z.string().min(1).optional(),
  /** Names this release of the workers: each run stays on the release that began it. */
  BRIKK_BUILD_ID: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'must be 1 to 128 letters, digits, dots, hyphens or underscores')
    .optional(),
  BRIKK_MASTER_KEY: masterKeysSchema,
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
});

export interface WorkerEnv {
  databaseAppUrl: string;
  databaseDispatchUrl: string;
  temporal: TemporalSettings;
  /** Undefined: agents cannot answer later. */
  publicUrl?: string;
  agentQueue?: string;
  agentNetworks: string[];
  httpHostOverrides: Record<string, string>;
  allowedProcesses: ProcessKind[];
  /** Activities that this worker runs at the same time. */
  slots: number;
  maxCachedWorkflows: number;
  estimate: UsageEstimate;
  keepEventsMs: number;
  logLevel: string;
  shutdownGraceMs: number;
  healthFile?: string;
  /** Undefined: a run may go on in any worker. */
  buildId?: string;
  /** The API for the processes of pools; undefined: this worker hosts none. */
  poolsApiUrl?: string;
  /** Undefined: there are no secrets here. */
  masterKeys?: KeyProvider;
}

/** The worker's settings. Fails with one line per setting that is missing or wrong; values are not shown. */
export function readEnv(env: NodeJS.ProcessEnv): WorkerEnv {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  const settings = parsed.data;
  if (settings.BRIKK_ENV === 'production' && Object.keys(settings.BRIKK_HTTP_HOST_OVERRIDES).length > 0)
    throw new Error('BRIKK_HTTP_HOST_OVERRIDES: is for tests, not for production');
  const hostsPools = arePoolsOn(settings.BRIKK_POOLS, settings.BRIKK_ENV);
  if (settings.BRIKK_POOLS === 'on' && settings.BRIKK_API_URL === undefined)
    throw new Error('BRIKK_API_URL: processes of pools register there, so BRIKK_POOLS=on needs it');
  const publicUrl = settings.BRIKK_PUBLIC_URL ?? settings.BRIKK_API_URL;
  return {
    databaseAppUrl: settings.DATABASE_APP_URL,
    databaseDispatchUrl: settings.DATABASE_DISPATCH_URL,
    temporal: readTemporalSettings(env),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(settings.BRIKK_AGENT_QUEUE !== undefined && { agentQueue: settings.BRIKK_AGENT_QUEUE }),
    agentNetworks: allowedNetworks(settings.BRIKK_ENV, settings.BRIKK_AGENT_NETWORKS),
    httpHostOverrides: settings.BRIKK_HTTP_HOST_OVERRIDES,
    allowedProcesses: settings.BRIKK_ALLOW_PROCESSES,
    slots: settings.BRIKK_WORKER_SLOTS,
    maxCachedWorkflows: settings.BRIKK_MAX_CACHED_WORKFLOWS,
    estimate: { tokens: settings.BRIKK_ESTIMATE_TOKENS, costUsd: settings.BRIKK_ESTIMATE_COST_USD },
    keepEventsMs: settings.BRIKK_EVENT_RETENTION_DAYS * DAY_MS,
    logLevel: settings.LOG_LEVEL,
    shutdownGraceMs: settings.BRIKK_SHUTDOWN_GRACE_SECONDS * 1_000,
    ...(settings.BRIKK_HEALTH_FILE !== undefined && { healthFile: settings.BRIKK_HEALTH_FILE }),
    ...(settings.BRIKK_BUILD_ID !== undefined && { buildId: settings.BRIKK_BUILD_ID }),
    ...(hostsPools && settings.BRIKK_API_URL !== undefined && { poolsApiUrl: settings.BRIKK_API_URL }),
    ...(settings.BRIKK_MASTER_KEY && { masterKeys: settings.BRIKK_MASTER_KEY }),
  };
}
