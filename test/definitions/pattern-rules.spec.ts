import { describe, expect, it } from '@jest/globals';
import { functionCatalogue } from '../../contracts/function-schemas.js';
import { isRange } from '../../selection/semver-range.js';
import { checkDefinition } from '../../workflows/language/checker/check-definition.js';

const said = (call: string, given: object) => {
  const document = { dsl: '1.0.3', namespace: 'test', name: 'rules', version: '1.0.0' };
  const definition = { document, do: [{ a: { call, with: given } }] };
  const { errors } = checkDefinition(definition, { functions: functionCatalogue(), isVersionRange: isRange });
  return errors.map(({ path, message }) => `${path.replace('/do/0/a/with', '')} ${message}`);
};

describe('parameters of patterns in a definition', () => {
  it('hold ranges of versions that can be read', () => {
    expect(said('agent', { agent: 'x', version: '^1.2.0' })).toEqual([]);
    expect(said('agent', { agent: 'x', version: '${ .range }' })).toEqual([]);
    expect(said('agent', { agent: 'x', version: 'one or two' })).toEqual([
      '/version must be a semver range such as ^1.2.0',
    ]);
    expect(said('workers', { items: [1], worker: { agent: 'x', version: '>>1' } })).toEqual([
      '/worker/version must be a semver range such as ^1.2.0',
    ]);
  });

  it('hedge calls of agents that honour repeated keys alone', () => {
    const hedge = { after: 'p95' };
    expect(said('agent', { agent: 'x', hedge, idempotent: true })).toEqual([]);
    expect(said('agent', { agent: 'x', hedge, idempotent: '${ .safe }' })).toEqual([]);
    expect(said('agent', { agent: 'x', hedge })).toEqual(['/hedge goes with idempotent: true only']);
    expect(said('agent', { agent: 'x', select: 'delegated' })).toEqual([
      '/select needs a coordinator: the agent that chooses',
    ]);
    expect(said('agent', { agent: 'x', stickyKey: '.a' })).toEqual(['/stickyKey goes with select: sticky only']);
    const branch = { agent: 'x', hedge };
    expect(said('concurrent', { items: [1], branch, idempotent: true })).toEqual([]);
    expect(said('concurrent', { items: [1], branch: { ...branch, idempotent: false }, idempotent: true })).toEqual([
      '/branch/hedge goes with idempotent: true only',
    ]);
    // Data may have such a field.
    expect(said('agent', { agent: 'x', input: { hedge: 1 } })).toEqual([]);
  });

  it('have calls told of shared memory by what is known as they are made, and by no secret', () => {
    const told = (recall: object) => said('agent', { agent: 'x', context: { recall } });
    const scopeId = '${ $input.case + $context.kind + .name }';
    expect(told({ scope: 'session', scopeId, keys: ['k'] })).toEqual([]);
    expect(told({ keys: ['${ $secrets.desk }'] })).toEqual([expect.stringContaining('/context/recall/keys/0')]);
    expect(told({ query: '${ $round }' })).toEqual([expect.stringContaining('/context/recall/query')]);
    expect(told({ keys: ['k'], prefix: 'p' })).toEqual(['/context/recall needs either keys, or a prefix or query']);
  });
});
