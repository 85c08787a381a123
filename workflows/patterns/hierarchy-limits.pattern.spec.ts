import { describe, expect, it, jest } from '@jest/globals';
import type { Json } from '../../contracts/json.js';
import { HierarchyHouse, lead, two } from '../../test/support/hierarchy-house.js';
import type { Answer } from '../../test/support/scripted-agents.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(60_000);

const house = new HierarchyHouse();

describe('the limits of a hierarchy', () => {
  it('holds depth, fan-out and total under a manager that always delegates', async () => {
    let asked = 0;
    const decide = (path: string) => {
      asked += 1;
      const team = (id: string) => ({ id, team: { capability: 'lead' }, input: `${path} ${id}` });
      return { subtasks: [...Array.from({ length: 6 }, (_, at) => team(`t${at}`)), { id: 'w', capability: 'x' }] };
    };
    const params = { ...lead, maxDepth: 3, maxFanOut: 4, maxAgents: 30 };
    const { status, made, tree } = await house.play(params, { decide });
    expect(status).toBe('partial');
    expect(tree?.scores).toEqual({ agents: 30 });
    expect(asked).toBeLessThanOrEqual(30);
    const managers = made.filter(({ role }) => role === 'manager');
    expect(Math.max(...managers.map(({ path }) => path.split('/subtasks/').length))).toBe(3);
    expect(new Set(JSON.stringify(tree).match(/max(Depth|FanOut|Agents)(?="\})/g))).toEqual(
      new Set(['maxDepth', 'maxFanOut', 'maxAgents']),
    );
  });

  it('refuses a team that would give an ancestor its own work', async () => {
    const decide = () => ({
      subtasks: [
        { id: 'again', team: { capability: 'lead' } },
        { id: 'w', capability: 'x' },
      ],
    });
    const { status, end, keys } = await house.play(lead, { decide });
    expect([status, end?.warnings]).toEqual(['partial', ['subtask again was refused by cycle']]);
    expect(keys.filter((key) => key.includes('again'))).toEqual([]);
  });

  it('cuts or summarises what goes up when it is asked to', async () => {
    const work = (path: string): Answer => ({ output: path.endsWith('summary') ? 'short' : 'x'.repeat(100) });
    const cut = await house.play({ ...lead, reportUp: { summary: 5 } }, { decide: () => two, work });
    expect(cut.end?.json).toEqual({
      of: [
        ['a', `${'x'.repeat(20)}…`],
        ['b', `${'x'.repeat(20)}…`],
      ],
    });
    const params = { ...lead, reportUp: { summary: 5, capability: 'summariser' } };
    const summarised = await house.play(params, { decide: () => two, work });
    expect(summarised.end?.json).toEqual({
      of: [
        ['a', 'short'],
        ['b', 'short'],
      ],
    });
  });

  it('gives each subtask its part of the budget', async () => {
    const params = { ...lead, budget: { calls: 9 }, budgetSplit: 'equal' };
    const { made } = await house.play(params, { decide: () => two });
    const levels = made.filter(({ role }) => role === 'worker').map(({ budget }) => budget?.levels);
    expect(levels.map((level) => level?.at(-1)?.limits)).toEqual([{ calls: 3 }, { calls: 3 }]);
  });

  it('tells what every subtask and team has cost, with rulings, decisions and reports', async () => {
    const decide = (path: string) => {
      if (path.includes('subtasks')) return two;
      const team = { id: 'team', team: { capability: 'lead' }, input: 'a part' };
      return { subtasks: [team, { id: 'w', capability: 'x' }] };
    };
    const work = (path: string, input: Json): Answer =>
      path === '/subtasks/w' ? { fail: 'agent.permanent' } : { output: input, costUsd: 0.25 };
    const { tree } = await house.play(lead, { decide, work, rule: () => ({ reassign: true }), askedUsd: 1 });
    expect(tree?.chosen).toMatchObject({
      costUsd: 2 + 2.5 + 1.25,
      subtasks: [
        { id: 'team', costUsd: 2 + 2 * 0.25, subtasks: [{ costUsd: 0.25 }, { costUsd: 0.25 }] },
        { id: 'w', attempts: 2, costUsd: 1 + 0.25 },
      ],
    });
  });

  it('stops everywhere at once when the run is canceled, with what it had', async () => {
    const work = (path: string, input: Json): Answer => ({ output: input, afterMs: path.endsWith('/b') ? 20_000 : 0 });
    const handle = await house.start(lead, { decide: () => two, work });
    await until(() => house.agents.keys.includes('subtasks/b'));
    await handle.cancel();
    expect(await handle.result()).toBe('canceled');
    expect(house.agents.end?.json).toEqual({ a: 1 });
    expect(house.agents.keys).not.toContain('manager/report');
  });

  it('ends timed_out at its deadline', async () => {
    const work = (): Answer => ({ output: 1, afterMs: 20_000 });
    const { status } = await house.play(lead, { decide: () => two, work }, { deadlineMs: 700 });
    expect(status).toBe('timed_out');
  });
});
