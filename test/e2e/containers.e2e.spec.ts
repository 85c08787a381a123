import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LaunchedBrikk } from '../support/brikk.js';
import { ContainerEngine } from '../support/container-engine.js';
import { until } from '../support/until.js';

jest.setTimeout(180_000);
const engine = (await ContainerEngine.find()) as ContainerEngine;

(engine ? describe : describe.skip)('containers of the launched product on a real engine (docker)', () => {
  let brikk: LaunchedBrikk;
  beforeAll(async () => {
    brikk = await LaunchedBrikk.up(['--no-samples'], { BRIKK_ALLOW_PROCESSES: 'container' });
  });
  afterAll(async () => {
    await brikk?.down();
    await engine.stop();
  });

  it('are begun anew after the death of the worker, and none is left of the old ones', async () => {
    const container = {
      image: engine.image,
      command: 'read -r word; sleep 4; echo "$word from $PLACE to $1"',
      stdin: '${ .word }',
      environment: { PLACE: '${ .place }' },
      arguments: ['${ .to }'],
    };
    const definition = {
      document: { dsl: '1.0.3', namespace: 'spec', name: 'containers', version: '1.0.0' },
      do: [{ greet: { run: { container } } }],
    };
    await brikk.call('POST', '/v1/workflows', definition);
    const input = { word: 'greetings', place: 'here', to: 'you all' };
    const { id } = await brikk.start({ workflow: 'spec/containers:1.0.0', input });
    const running = async () => (await engine.containers()).filter((told) => told.endsWith('running'));
    await until(async () => (await running()).length === 1, 30_000);
    const [first] = await running();
    const { workers } = await brikk.status();
    process.kill(workers[0]!.pid, 'SIGKILL');
    await until(async () => !(await engine.containers()).some((told) => told === first));

    const { status, output, error } = await brikk.finished(id);
    expect({ status, output, error }).toEqual({
      status: 'completed',
      output: 'greetings from here to you all\n',
      error: null,
    });
    await until(async () => (await engine.containers()).length === 0);
  });
});
