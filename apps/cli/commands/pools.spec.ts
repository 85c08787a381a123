import { describe, expect, it } from '@jest/globals';
import type { AgentTemplate, Pool } from '../../../contracts/pools.js';
import { poolDetail, poolsTable, templatesTable } from './pools.js';

const at = '2026-11-21T16:30:00.000Z';
const pool: Pool = {
  name: 'doubles',
  template: 'double',
  state: 'starting',
  reason: '1 of 2 members are missing',
  size: 2,
  total: 1,
  busy: 1,
  idle: 0,
  queue: 3,
  avgResponseMs: 80,
  throughputPerS: 12.5,
  lastScale: { from: 4, to: 2, reason: 'idle', at },
  min: 1,
  max: 8,
  backups: 0,
  targetUtilisation: 0.7,
  tolerance: 0.1,
  scaleUp: { windowMs: 0, step: 4, everyMs: 15_000 },
  scaleDown: { windowMs: 300_000, step: 1, everyMs: 15_000 },
  members: [
    {
      id: 'm-1',
      state: 'ready',
      pid: 4_711,
      instanceId: 'i-1',
      endpoint: 'http://127.0.0.1:9001',
      inFlight: 3,
      templateVersion: 1,
      startedAt: at,
      readyAfterMs: 320,
    },
    {
      id: 'm-2',
      state: 'starting',
      pid: 4_712,
      instanceId: null,
      endpoint: null,
      inFlight: 0,
      templateVersion: 1,
      startedAt: at,
      readyAfterMs: null,
    },
  ],
  createdAt: at,
  updatedAt: at,
};

describe('brikk pools', () => {
  it('shows of each how many there are of how many, what they have to do, and how the size last changed', () => {
    const [head, row] = poolsTable([pool]).split('\n');
    expect(head).toMatch(/^POOL +TEMPLATE +STATE +MEMBERS +RANGE +BUSY +WAITING +RESPONSE +CALLS +LAST SCALED/);
    expect(row).toMatch(/^doubles +double +starting +1\/2 +1–8 +1 +3 +80 ms +12\.5\/s +4 → 2 idle, /);
    expect(poolsTable([{ ...pool, lastScale: null, avgResponseMs: null }])).toMatch(/3 +– +12\.5\/s +–/);
    expect(poolsTable([])).toMatch('brikk pools create');
  });

  it('shows why one is not ready, and its members', () => {
    const detail = poolDetail(pool);
    expect(detail).toMatch('1 of 2 members are missing');
    expect(detail).toMatch(/4711 +ready +http:\/\/127\.0\.0\.1:9001 +3 .*320 ms/);
    expect(detail).toMatch(/4712 +starting +– +0 .*–/);
    expect(poolDetail({ ...pool, members: [], reason: null })).toMatch('No members.');
  });

  it('shows what templates run', () => {
    const template: AgentTemplate = {
      name: 'double',
      version: 2,
      kind: 'process',
      agent: 'double',
      module: '/srv/double.mjs',
      env: {},
      recovery: 'restart',
      readyWithinMs: 30_000,
      drainMs: 300_000,
      createdAt: at,
      updatedAt: at,
    };
    const { module: _, ...rest } = template;
    const table = templatesTable([template, { ...rest, name: 'ocr', command: ['python3', 'ocr.py'] }]);
    expect(table).toMatch(/double +2 +double +restart +\/srv\/double\.mjs/);
    expect(table).toMatch(/ocr +2 +double +restart +python3 ocr\.py/);
    expect(templatesTable([])).toMatch('brikk pools templates put');
  });
});
