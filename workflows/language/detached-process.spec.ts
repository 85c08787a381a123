import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskList } from '../../contracts/definition-tasks.js';
import { readEvents } from '../../database/run-events.js';
import { historyText } from '../../test/support/history-text.js';
import { definitionOf } from '../../test/support/interpreted.js';
import { RecordedDefinitions, SECRET } from '../../test/support/recorded-definitions.js';
import type { RunHandle } from '../../test/support/start-run.js';
import { until } from '../../test/support/until.js';

jest.setTimeout(120_000);
const PATIENCE_MS = 60_000;

/** Waits for one file, and then writes what it was given to another. */
const CODE = `
import { existsSync, writeFileSync } from 'node:fs';
const [go, out] = process.argv.slice(2);
while (!existsSync(go)) await new Promise((wake) => setTimeout(wake, 20));
writeFileSync(out, process.env.KEY);
console.log('did it with ' + process.env.KEY);
process.exit(3);
`;

describe('a process that nobody waits for', () => {
  let record: RecordedDefinitions;
  let folder: string;
  beforeAll(async () => {
    record = await RecordedDefinitions.start();
    folder = mkdtempSync(path.join(tmpdir(), 'brikk-detached-'));
  }, 90_000);
  afterAll(async () => {
    await record?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const fileOf = (name: string) => path.join(folder, name);
  const starting = (name: string, ...more: TaskList) =>
    definitionOf(
      [
        {
          start: {
            input: { from: '{ n }' },
            run: {
              script: {
                language: 'js',
                code: CODE,
                arguments: [fileOf(`${name}-go`), fileOf(`${name}-out`)],
                environment: { KEY: '${ $secrets.desk }' },
              },
              await: false,
            },
          },
        },
        ...more,
      ],
      { use: { secrets: ['desk'] } },
    );
  const eventsOf = (id: string) => record.test.database.inOrg(record.orgId, (tx) => readEvents(tx, id));
  /** The workflow that sees to the process. */
  const seer = async (handle: RunHandle) => {
    const { events = [] } = await handle.fetchHistory();
    const started = events!.flatMap((event) => event.childWorkflowExecutionStartedEventAttributes ?? []);
    return record.worker.client.workflow.getHandle(started[0]!.workflowExecution!.workflowId!);
  };

  it('gives its input at once, and has its end on record while the run goes on', async () => {
    const hear: TaskList[number] = { hear: { listen: { to: { one: { with: { type: 'go' } } } } } };
    const definition = starting('kept', hear);
    const { id, handle } = await record.begin(definition, { n: 7, more: true });
    await until(async () => (await eventsOf(id)).some(({ type }) => type === 'correlation.started'), PATIENCE_MS);
    expect((await eventsOf(id)).find(({ type }) => type === 'step.finished')).toMatchObject({
      data: { path: '/do/0/start', outcome: 'completed' },
    });
    expect(existsSync(fileOf('kept-out'))).toBe(false);
    writeFileSync(fileOf('kept-go'), '');
    await until(async () => (await eventsOf(id)).some(({ type }) => type === 'call.finished'), PATIENCE_MS);
    expect((await eventsOf(id)).find(({ type }) => type === 'call.finished')).toMatchObject({
      data: { callKey: 'do/0/start', output: { code: 3, stdout: 'did it with ***\n' } },
    });
    await handle.signal('signal', {
      name: 'x',
      data: { id: '1', source: '/s', type: 'go', specversion: '1.0', data: 1 },
    });
    await handle.result();
    expect(await record.load(id)).toMatchObject({ status: 'completed', output: [1] });
  });

  it('outlives the run, and no history holds its secrets', async () => {
    const { id, handle } = await record.begin(starting('left'), { n: 7 });
    await handle.result();
    expect(await record.load(id)).toMatchObject({ status: 'completed', output: { n: 7 } });
    expect(existsSync(fileOf('left-out'))).toBe(false);
    writeFileSync(fileOf('left-go'), '');
    const workflow = await seer(handle);
    await workflow.result();
    expect(readFileSync(fileOf('left-out'), 'utf8')).toBe(SECRET);
    for (const one of [handle, workflow]) expect(historyText(await one.fetchHistory())).not.toContain(SECRET);
  });

  it('is not canceled with the run', async () => {
    const { id, handle } = await record.begin(starting('free', { nap: { wait: 'PT1H' } }), { n: 7 });
    await until(async () => (await eventsOf(id)).some(({ type }) => type === 'step.finished'), PATIENCE_MS);
    await handle.cancel();
    await handle.result();
    expect((await record.load(id)).status).toBe('canceled');
    writeFileSync(fileOf('free-go'), '');
    await (await seer(handle)).result();
    expect(existsSync(fileOf('free-out'))).toBe(true);
  });
});
