import { describe, expect, it } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { BrikkError } from '../../contracts/errors.js';
import type { ClaimedEvent } from '../../database/route-inbound.js';
import type { StartableRun } from '../../database/start-run-workflow.js';
import { until } from '../../test/support/until.js';
import { InboundEvents, type InboundRecord } from './inbound-events.js';

const run = { pattern: 'agent', input: { runId: 'r', orgId: 'o', deadlineAt: 0, priority: 'normal', with: {} } };
const claimed = (id: string, attempts = 1): ClaimedEvent => ({ id, orgId: 'o', attempts });

/** Routing of events that come due once. */
async function routingOf(due: ClaimedEvent[], route: (id: string) => Promise<StartableRun[]>) {
  const buried: [string, string][] = [];
  const warned: string[] = [];
  let looks = 0;
  let isEmpty = false;
  const record: InboundRecord = {
    claim: async (limit) => {
      looks += 1;
      const given = due.splice(0, limit);
      isEmpty = given.length === 0;
      return given;
    },
    route: ({ id }) => route(id),
    bury: async ({ id }, reason) => void buried.push([id, reason]),
    listen: async (onNews) => {
      onNews();
      return { close: async () => undefined };
    },
  };
  const client = {
    withDeadline: () => Promise.reject(new Error('the engine is away')),
  } as unknown as Client;
  const log = pino({ level: 'warn' }, { write: (line: string) => void warned.push(line) });
  const inbound = new InboundEvents(record, client, log);
  await inbound.start();
  await until(() => looks > 1 || isEmpty || warned.length > 0);
  await inbound.stop();
  return { buried, warned };
}

describe('events from outside', () => {
  it('are routed, more than are claimed at once, and a run that the engine does not take is left to the sweeper', async () => {
    const seen = new Set<string>();
    const due = Array.from({ length: 250 }, (_, n) => claimed(`e${n}`));
    const { buried } = await routingOf(due, async (id) => {
      seen.add(id);
      return id === 'e7' ? [run as unknown as StartableRun] : [];
    });
    expect(buried).toEqual([]);
    await until(() => seen.size >= 100);
  });

  it('that cannot be carried out are dead with the reason; the others go on', async () => {
    const { buried } = await routingOf([claimed('a'), claimed('b')], async (id) => {
      if (id === 'a') throw new BrikkError('workflow.not_found', 'There is no workflow support/triage');
      return [];
    });
    expect(buried).toEqual([['a', 'There is no workflow support/triage']]);
  });

  it('wait out an outage, and are dead when they fail again and again for no reason that has a name', async () => {
    const away = await routingOf([claimed('a', 99)], async () => {
      throw new BrikkError('dependency.unavailable', 'Postgres does not answer');
    });
    expect(away.buried).toEqual([]);
    expect(away.warned).toHaveLength(1);
    const broken = async () => {
      throw new TypeError('x is not a function');
    };
    expect((await routingOf([claimed('a', 7)], broken)).buried).toEqual([]);
    const last = await routingOf([claimed('a', 8)], broken);
    expect(last.buried).toEqual([['a', expect.stringMatching(/log of the worker/)]]);
    expect(last.buried[0]?.[1]).not.toMatch(/function/);
  });
});
