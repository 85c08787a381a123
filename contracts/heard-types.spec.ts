import { describe, expect, it } from '@jest/globals';
import type { Definition } from './definition.js';
import { heardTypes } from './heard-types.js';

const listening = (...tos: object[]): Definition => ({
  document: { dsl: '1.0.3', namespace: 'n', name: 'n', version: '1.0.0' },
  do: tos.map((to, index) => ({ [`t${index}`]: { do: [{ hear: { listen: { to } } }] } })) as Definition['do'],
});
const typed = (type?: string) => ({ with: type === undefined ? { subject: 's' } : { type } });

describe('the types that a run subscribes to', () => {
  it('are those of all its listen tasks, with the events that end a wait, each once', () => {
    const definition = listening(
      { one: typed('b') },
      { all: [typed('a'), typed('b')] },
      { any: [typed('c')], until: { one: typed('d') } },
      { any: [typed('e')], until: 'length == 2' },
    );
    definition.use = { functions: { f: { listen: { to: { one: typed('com.example/x:1') } } } as never } };
    expect(heardTypes(definition)).toEqual(['a', 'b', 'c', 'com.example/x:1', 'd', 'e']);
    expect(heardTypes(listening())).toEqual([]);
  });

  it('are all but lifecycle events where the type is left open, and those too where it may be one', () => {
    expect(heardTypes(listening({ any: [] }))).toEqual(['*']);
    expect(heardTypes(listening({ one: typed() }))).toEqual(['*']);
    expect(heardTypes(listening({ one: typed('order\\..+') }))).toEqual(['*']);
    const lifecycle = ['*', 'io.serverlessworkflow.*'];
    expect(heardTypes(listening({ one: typed('io\\.serverlessworkflow\\.task\\..+') }))).toEqual(lifecycle);
    expect(heardTypes(listening({ one: typed('${ $context.type }') }))).toEqual(lifecycle);
    const completed = 'io.serverlessworkflow.workflow.completed.v1';
    expect(heardTypes(listening({ one: typed(completed) }))).toEqual([completed]);
  });
});
