import { z } from 'zod';
import { arePoolsOn, poolsSettingSchema } from '../../contracts/pools.js';
import { allowedProcessesSchema, type ProcessKind } from '../../contracts/processes.js';
import { allowedNetworks, networksSchema } from '../../connectors/lib/allowed-networks.js';
import { type KeyProvider, masterKeysSchema } from '../../database/master-key.js';
import { readTemporalSettings, type TemporalSettings } from '../../connectors/lib/temporal-settings.js';

const envSchema = z.object({
  BRIKK_ENV: z.enum(['development', 'production']).default('production'),
  BRIKK_HOST: z.string().min(1).optional(),
  BRIKK_PORT: z.coerce.number().int().min(0).max(65_535).default(7600),
  BRIKK_PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  BRIKK_RATE_LIMIT: z.coerce.number().int().min(1).default(2_000),
  BRIKK_AGENT_QUEUE: z.string().optional(),
  BRIKK_AGENT_NETWORKS: networksSchema,
  BRIKK_ALLOW_PROCESSES: allowedProcessesSchema,
  BRIKK_POOLS: poolsSettingSchema,
  BRIKK_MASTER_KEY: masterKeysSchema,
  BRIKK_DRAIN_SECONDS: z.coerce.number().min(0).max(300).optional(),
  BRIKK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  DATABASE_APP_URL: z.string().min(1),
  DATABASE_DISPATCH_URL: z.string().min(1).optional(),
});

/** What the API is told from outside; a class, so that Nest can inject it. */
export class Settings {
  readonly environment: 'development' | 'production';
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  /** Requests of one key in 10 seconds; heartbeats are not counted. */
  readonly rateLimit: number;
  readonly logLevel: string;
  /** Where the workers of agent calls wait, when those are split off. */
  readonly agentQueue?: string;
  /** Networks beside the public ones to which requests may go; none unless said. */
  readonly networks?: string[];
  /** What definitions may start on the workers' machines; nothing unless said. */
  readonly allowedProcesses?: ProcessKind[];
  readonly databaseUrl: string;
  readonly dispatchUrl?: string;
  /** Undefined: there are no secrets here. */
  readonly masterKeys?: KeyProvider;
  /** Whether templates of processes may be made here. */
  readonly pools?: boolean;
  readonly temporal: TemporalSettings;
  /** Between the word to stop and the stop, milliseconds; the API serves on, but is not ready. */
  readonly drainMs?: number;

  constructor(values: Settings) {
    Object.assign(this, values);
  }
}

/** Reads the environment once; fails with one sentence that names every wrong variable, never its value. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const parsed = envSchema.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new Error(`The environment is not usable. ${problems.join('; ')}`);
  }
  const env = parsed.data;
  return new Settings({
    environment: env.BRIKK_ENV,
    host: env.BRIKK_HOST ?? (env.BRIKK_ENV === 'development' ? '127.0.0.1' : '0.0.0.0'),
    port: env.BRIKK_PORT,
    publicUrl: env.BRIKK_PUBLIC_URL,
    rateLimit: env.BRIKK_RATE_LIMIT,
    logLevel: env.BRIKK_LOG_LEVEL,
    ...(env.BRIKK_AGENT_QUEUE && { agentQueue: env.BRIKK_AGENT_QUEUE }),
    networks: allowedNetworks(env.BRIKK_ENV, env.BRIKK_AGENT_NETWORKS),
    allowedProcesses: env.BRIKK_ALLOW_PROCESSES,
    databaseUrl: env.DATABASE_APP_URL,
    dispatchUrl: env.DATABASE_DISPATCH_URL,
    ...(env.BRIKK_MASTER_KEY && { masterKeys: env.BRIKK_MASTER_KEY }),
    pools: arePoolsOn(env.BRIKK_POOLS, env.BRIKK_ENV),
    temporal: readTemporalSettings(environment),
    drainMs: (env.BRIKK_DRAIN_SECONDS ?? (env.BRIKK_ENV === 'development' ? 0 : 5)) * 1_000,
  });
}
