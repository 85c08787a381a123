import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { AgentRequest } from '../../contracts/agent-protocol.js';
import type { Json } from '../../contracts/json.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { CountingAgent } from '../support/counting-agent.js';
import { killedInTheMiddle } from '../support/killed-in-the-middle.js';

jest.setTimeout(120_000);

interface Results {
  errors?: string[];
  results?: Record<string, number>;
}

const count = { call: 'agent', with: { capability: 'count', input: { results: { n: '${ numbers // 0 }' } } } };
/** In the workflow language: three rounds, a pause, and one more call. */
const LIST = {
  do: [
    { rounds: { for: { in: '[1, 2, 3]' }, do: [{ one: count }] } },
    { pause: { wait: { milliseconds: 50 } } },
    { sum: count },
  ] as Json,
};

/** A diamond; the first plan has a cycle, and goes back. */
function answer(input: Json, { kind }: AgentRequest): Json {
  const { errors = [], results = {}, goal } = input as Partial<Question> & Results;
  if (kind === 'plan' && goal === 'a list') return LIST;
  if (kind !== 'plan') return 1 + Object.values(results).reduce((sum, value) => sum + value, 0);
  const task = (id: string, ...dependsOn: string[]) => ({ id, capability: 'count', dependsOn });
  const tasks = [task('left', 'top'), task('right', 'top'), task('bottom', 'left', 'right')];
  return { tasks: [...tasks, errors.length === 0 ? task('top', 'bottom') : task('top')] };
}

interface Question {
  question?: string;
  goal: string;
  round: number;
  tasks?: { id: string; status: string }[];
  finished?: unknown[];
  ledger?: { told: number };
  events?: { type: string; data: Json }[];
  history?: { plans: { goal: string; tasks: { id: string }[]; revisions: number; status: string }[] };
}

/** A planner with a ledger that wants an amendment once it is told of new figures, and an editor whose first draft fails. */
class Newsroom {
  readonly asked: Question[] = [];
  private drafts = 0;

  answer(input: Json, { kind, run }: AgentRequest): Json {
    const question = input as unknown as Question;
    if (kind === 'task') {
      if (run.step.endsWith('/draft') && (this.drafts += 1) === 1) throw new Error('no ink');
      return run.step;
    }
    this.asked.push(question);
    return kind === 'plan' ? this.plan(question) : this.judge(question);
  }

  private plan({ events = [], ledger }: Question): Json {
    const task = (id: string, ...dependsOn: string[]) => ({ id, capability: 'edit', dependsOn });
    const told = (ledger?.told ?? 0) + events.length;
    const tasks = [task('collect'), task('draft', 'collect'), ...(told > 0 ? [task('amend', 'draft')] : [])];
    return { tasks, ledger: { told } };
  }

  private judge({ tasks = [] }: Question): Json {
    const open = tasks
      .filter(({ status }) => status !== 'finished')
      .map(({ id }) => ({ id, instruction: 'with a pencil' }));
    const satisfied = tasks.some(({ id, status }) => id === 'amend' && status === 'finished');
    return {
      satisfied,
      looping: false,
      progressing: true,
      next: open,
      ...(satisfied ? {} : { reason: 'the new figures are missing' }),
    };
  }
}

describe('plan with the launched product', () => {
  let brikk: LaunchedBrikk;
  let agent: CountingAgent;
  let editors: CountingAgent;
  const newsroom = new Newsroom();
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up();
    agent = await CountingAgent.listen(150, answer);
    editors = await CountingAgent.listen(20, (input, request) => newsroom.answer(input, request));
    for (const name of ['editor', 'edit']) await brikk.register(name, name, editors.url, { maxConcurrency: 100 });
    for (const name of ['planner', 'count']) await brikk.register(name, name, agent.url, { maxConcurrency: 100 });
  });
  afterAll(async () => {
    await brikk?.down();
    await agent?.close();
    await editors?.close();
  });

  it('ends like an undisturbed run when the worker is killed in the middle', async () => {
    const run = { pattern: 'plan', with: { goal: 'g', planner: { capability: 'planner' }, allow: ['count'] } };
    const undisturbed = await brikk.finished((await brikk.start(run)).id);
    expect(undisturbed).toMatchObject({ status: 'completed', output: { bottom: 5 } });
    expect(undisturbed.warnings).toHaveLength(1);

    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 4);
    const { status, output, warnings } = undisturbed;
    expect(disturbed).toMatchObject({ status, output, warnings });
    const keys = ({ contributions }: typeof disturbed) => contributions.map(({ callKey }) => callKey).toSorted();
    expect(keys(disturbed)).toEqual(keys(undisturbed));
    expect(calls).toBeLessThanOrEqual(6 + 2);
  });

  it('does a list of tasks of the workflow language to its end, and no journaled call again, when the worker is killed', async () => {
    const run = {
      pattern: 'plan',
      with: { goal: 'a list', planner: { capability: 'planner' }, allow: ['count', 'wait'] },
    };
    const { run: disturbed, calls } = await killedInTheMiddle(brikk, agent, run, 3);
    expect(disturbed).toMatchObject({
      status: 'completed',
      terminationReason: 'done',
      output: { sum: 4 },
      warnings: [],
    });
    expect(disturbed.contributions.map(({ callKey }) => callKey)).toEqual([
      'plans/0/planner/0',
      'plans/0/do/0/rounds/do/0/one',
      'plans/0/do/0/rounds/do/0/one/2',
      'plans/0/do/0/rounds/do/0/one/3',
      'plans/0/do/2/sum',
    ]);
    expect(calls).toBeLessThanOrEqual(5 + 1);
    expect(await brikk.brikk(['runs', 'story', disturbed.id])).toMatch(/planned 3 tasks/);
  });

  it('is judged round by round, told of what happens, and remembered for the next plan of its kind', async () => {
    const { asked } = newsroom;
    const start = (goal: string, more: object = {}) => {
      const options = { maxReplans: 20, retry: { maxAttempts: 1 }, events: ['figures'], ...more };
      return brikk.start({
        pattern: 'plan',
        with: { goal, planner: { capability: 'editor' }, allow: ['edit'], ...options },
      });
    };
    const { id } = await start('Publish the quarterly report');
    await editors.reached(2);
    await brikk.call('POST', `/v1/runs/${id}/signals/figures`, { quarter: 3 });
    const run = await brikk.finished(id);
    expect(run).toMatchObject({ status: 'completed', output: { amend: expect.stringContaining('/amend') } });
    expect(run.warnings).toEqual(['task draft failed: The agent answered 503']);
    expect(asked.find(({ events }) => events)?.events).toEqual([{ type: 'figures', data: { quarter: 3 } }]);
    const second = run.contributions.filter(({ callKey }) => /tasks\/(collect|draft)/.test(callKey));
    expect(second.map(({ status }) => status).toSorted()).toEqual(['completed', 'completed', 'failed']);
    expect(run.decisions.some(({ what, rule }) => what === 'ledger' && rule === 'planner')).toBe(true);

    const next = await start('Publish a quarterly summary', { history: 3, maxReplans: 0 });
    expect(await brikk.finished(next.id)).toMatchObject({ status: 'partial', terminationReason: 'max_replans' });
    const told = asked.find(({ goal }) => goal === 'Publish a quarterly summary')?.history?.plans;
    expect(told).toHaveLength(1);
    expect(told?.[0]).toMatchObject({ goal: 'Publish the quarterly report', status: 'completed' });
    expect(told?.[0]?.tasks.map((task) => task.id)).toEqual(['collect', 'draft', 'amend']);
  });
});
