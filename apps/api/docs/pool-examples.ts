import type { Json } from '../../../contracts/json.js';
import type { AgentTemplate, Pool } from '../../../contracts/pools.js';

const template: AgentTemplate = {
  name: 'resize',
  version: 2,
  kind: 'process',
  agent: 'resize',
  module: '/srv/agents/resize.js',
  env: {},
  recovery: 'replacement',
  readyWithinMs: 30_000,
  drainMs: 300_000,
  createdAt: '2026-11-21T16:00:00.000Z',
  updatedAt: '2026-11-21T16:10:00.000Z',
};
const pool: Pool = {
  name: 'resize',
  template: 'resize',
  state: 'ready',
  reason: null,
  size: 1,
  total: 1,
  busy: 1,
  idle: 0,
  queue: 2,
  avgResponseMs: 81.5,
  throughputPerS: 12.4,
  lastScale: { from: 2, to: 1, reason: 'idle', at: '2026-11-21T16:20:00.000Z' },
  min: 1,
  max: 8,
  backups: 0,
  targetUtilisation: 0.7,
  tolerance: 0.1,
  scaleUp: { windowMs: 0, step: 4, everyMs: 15_000 },
  scaleDown: { windowMs: 300_000, step: 1, everyMs: 15_000 },
  members: [
    {
      id: '019aa6f2-8a10-7b6e-a1b2-c3d4e5f60731',
      state: 'ready',
      pid: 4_711,
      instanceId: '019aa6f2-8a10-7b6e-a1b2-c3d4e5f60732',
      endpoint: 'http://127.0.0.1:41893',
      inFlight: 3,
      templateVersion: 2,
      startedAt: '2026-11-21T16:00:01.000Z',
      readyAfterMs: 320,
    },
  ],
  createdAt: '2026-11-21T16:00:00.000Z',
  updatedAt: '2026-11-21T16:00:00.000Z',
};

/** Answers about pools, by the id of their schema. */
export const POOL_EXAMPLES: Record<string, Json> = { AgentTemplate: template as Json, Pool: pool };
