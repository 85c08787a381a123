import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { functionCatalogue } from '../contracts/function-schemas.js';
import { incident } from '../examples/definitions/incident.js';
import { checkDefinition } from '../workflows/language/checker/check-definition.js';
import type { WorkflowsClient } from './client-workflows.js';
import { flow } from './flow.js';
import type { StartRunInput } from './run-input.js';

const { call, jq, tasks, wait } = flow;
const functions = functionCatalogue();

describe('a definition written in TypeScript', () => {
  it('is the document that YAML gives', () => {
    const yaml = checkDefinition(readFileSync('examples/definitions/incident.yaml', 'utf8'), { functions });
    expect(yaml.errors).toEqual([]);
    expect(incident).toEqual(yaml.definition);
    expect(JSON.stringify(incident)).toBe(JSON.stringify(yaml.definition));
  });

  it('has a word for every kind of task, and all of them are valid', () => {
    const definition = flow.workflow({
      namespace: 'test',
      name: 'all',
      version: '1.0.0',
      title: 'All of it',
      use: { errors: { broken: { type: 'https://a.example/e', status: 500 } } },
      timeout: { after: 'PT1H' },
      do: {
        get: call('http', { method: 'get', endpoint: 'https://a.example' }, { if: '.ok', then: 'loop' }),
        own: call('mine:1.0.0@shop', { anything: [1] }),
        inner: flow.do({ a: wait({ seconds: 1 }, { then: 'b' }), b: wait('PT1S') }),
        loop: flow.for({ in: '.items', each: 'host', while: '.open' }, { note: flow.set({ host: jq('$host') }) }),
        race: flow.fork({ left: wait('PT1S'), right: wait('PT2S') }, { compete: true }),
        tell: flow.emit({ type: 'told', data: { n: 1 } }),
        hear: flow.listen({ one: { with: { type: 'told' } } }, { read: 'envelope', timeout: { after: 'PT1M' } }),
        each: flow.listen({ any: [] }, { foreach: { do: tasks({ note: flow.set({ e: jq('$item') }) }) } }),
        child: flow.run({ workflow: { namespace: 'a', name: 'b', version: '1.0.0' } }),
        risky: flow.try({ a: wait('PT1S') }, { errors: { with: { status: 500 } }, then: 'stop' }),
        bids: call('market', { task: { capability: 'x' }, minBids: jq('.n') }),
        stop: flow.raise('broken'),
      },
    });
    const { errors } = checkDefinition(definition, { functions });
    expect(errors.map(({ code, path }) => `${code} ${path}`)).toEqual(['unknown-catalog /do/1/own/call']);
    expect(definition.do[0]).toEqual({
      get: { call: 'http', with: { method: 'get', endpoint: 'https://a.example' }, if: '.ok', then: 'loop' },
    });
    expect(definition.do[4]).toEqual({
      race: { fork: { branches: [{ left: { wait: 'PT1S' } }, { right: { wait: 'PT2S' } }], compete: true } },
    });
  });

  it('does not compile where it would not be valid', () => {
    // @ts-expect-error there is no task of this name in the list
    tasks({ a: wait('PT1S', { then: 'nowhere' }) });
    // @ts-expect-error neither is it in a case
    tasks({ a: flow.switch({ yes: { then: 'nowhere' } }), b: wait('PT1S') });
    // @ts-expect-error nor behind a catch
    tasks({ a: flow.try({ b: wait('PT1S') }, { then: 'b' }) });
    // @ts-expect-error nothing leads from branch to branch
    flow.fork({ a: wait('PT1S', { then: 'b' }), b: wait('PT1S') });
    // @ts-expect-error a market has no such mechanism
    call('market', { task: { capability: 'x' }, mechanism: 'vickery' });
    // @ts-expect-error HTTP calls need an endpoint
    call('http', { method: 'get' });
    expect(tasks({ a: wait('PT1S', { then: 'b' }), b: wait('PT1S', { then: 'end' }) })).toHaveLength(2);
  });

  it('is what a run may be started with, and what may be published', () => {
    const body: StartRunInput = { definition: incident, input: { text: 'Disk full on db-3' } };
    const publish: Parameters<WorkflowsClient['publish']>[0] = incident;
    expect(body).toMatchObject({ definition: publish });
  });

  it('refuses a name that would change its place', () => {
    expect(() => tasks({ first: wait('PT1S'), '2': wait('PT1S') })).toThrow('"2" needs a name that is no number');
  });
});
