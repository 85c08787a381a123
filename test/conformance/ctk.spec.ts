import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import path from 'node:path';
import type { RunEvent } from '../../contracts/events.js';
import type { Run } from '../../contracts/runs.js';
import type { Workflow } from '../../contracts/workflows.js';
import { LaunchedBrikk } from '../support/brikk.js';
import { ConformanceStub } from '../support/conformance-stub.js';
import { type CtkScenario, type CtkStep, readScenarios } from './ctk-scenarios.js';

jest.setTimeout(60_000);

const data = process.env.BRIKK_CONFORMANCE_DIR;
const howToGet =
  'needs BRIKK_CONFORMANCE_DIR with ows/ctk (github.com/open-workflow-specification/specification, ctk/features)';
const scenarios = data ? readScenarios(path.join(data, 'ows/ctk')) : [];

/** One scenario against the REST API, in an organisation of its own: name and version of two of them repeat. */
class Performance {
  private body: Record<string, unknown> = {};
  private run: Run | undefined;
  private events: RunEvent[] = [];

  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async step({ text, document }: CtkStep): Promise<void> {
    const ended = () => {
      if (!this.run) throw new Error(`the workflow was not executed before: ${text}`);
      return this.run;
    };
    const property = /^the workflow output should have a '(.+)' property (with value:|containing (\d+) items)$/.exec(
      text,
    );
    const order = /^(\w+) should run (first|last|after (\w+))$/.exec(text);
    if (text === 'a workflow with definition:') await this.define(document as object);
    else if (text === 'given the workflow input is:') this.body.input = document;
    else if (text === 'the workflow is executed') await this.execute();
    else if (text === 'the workflow should complete') this.completed(ended());
    else if (text === 'the workflow should complete with output:') {
      this.completed(ended());
      expect(ended().output).toEqual(document);
    } else if (text === 'the workflow should fault') expect(ended().status).toBe('failed');
    else if (text === 'the workflow should fault with error:') {
      expect(ended().status).toBe('failed');
      expect(ended().error).toMatchObject(document as object);
    } else if (text.startsWith('the workflow output should have properties ')) {
      for (const [, name = ''] of text.matchAll(/'([^']+)'/g)) expect(ended().output).toHaveProperty(name);
    } else if (property) {
      const [, name = '', , count] = property;
      if (count === undefined) expect(ended().output).toHaveProperty(name, document);
      else expect((ended().output as Record<string, unknown[]>)[name]).toHaveLength(Number(count));
    } else if (order) this.ranInOrder(order[1] as string, order[2] as string, order[3]);
    else throw new Error(`an unknown step: ${text}`);
  }

  private async define(definition: object): Promise<void> {
    const { namespace, name, version } = await this.call<Workflow>('POST', '/v1/workflows', definition);
    this.body.workflow = `${namespace}/${name}:${version}`;
  }

  private async execute(): Promise<void> {
    this.run = await this.call<Run>('POST', '/v1/runs?wait=20s', this.body);
    const { items } = await this.call<{ items: RunEvent[] }>('GET', `/v1/runs/${this.run.id}/events?limit=200`);
    this.events = items;
  }

  private completed({ status, error }: Run): void {
    expect({ status, error }).toEqual({ status: 'completed', error: null });
  }

  private ranInOrder(name: string, where: string, other: string | undefined): void {
    const started = this.events.flatMap(({ type, data: { name: task } }: RunEvent & { data: { name?: string } }) =>
      type === 'step.started' ? [task] : [],
    );
    if (where === 'first') expect(started[0]).toBe(name);
    else if (where === 'last') expect(started.at(-1)).toBe(name);
    else {
      expect(started).toContain(name);
      expect(started.lastIndexOf(name)).toBeGreaterThan(started.indexOf(other));
    }
  }

  private async call<Answer>(method: string, route: string, body?: object): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.key}`, 'content-type': 'application/json' };
    const answer = await fetch(`${this.url}${route}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }
}

(data ? describe : describe.skip)(`the conformance kit of the specification${data ? '' : `: ${howToGet}`}`, () => {
  let brikk: LaunchedBrikk;
  let stub: ConformanceStub;
  let url: string;
  beforeAll(async () => {
    stub = await ConformanceStub.start();
    brikk = await LaunchedBrikk.up(['--no-samples'], { BRIKK_HTTP_HOST_OVERRIDES: stub.overrides });
    ({ url } = (await brikk.status()).api);
  });
  afterAll(async () => {
    stub?.stop();
    await brikk?.down();
  });

  it('has 21 scenarios', () => expect(scenarios).toHaveLength(21));

  it.each(scenarios.map((scenario): [string, CtkScenario] => [scenario.name, scenario]))(
    '%s',
    async (name, { steps }) => {
      const { key } = await brikk.call<{ key: string }>('POST', '/v1/organisations', {
        name: name.replaceAll(/[^\w.]+/g, '-'),
      });
      const performance = new Performance(url, key);
      for (const step of steps) await performance.step(step);
    },
  );
});
