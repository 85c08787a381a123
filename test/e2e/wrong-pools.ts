import { invalid, missing, type Wrong } from './wrong-request.js';

const inTemplates = { method: 'put' as const, path: '/v1/agent-templates/t' };
const inPools = { method: 'put' as const, path: '/v1/pools/p' };
const template = { agent: 'a', module: '/srv/a.js' };

/** Requests about templates and pools that are refused. */
export const WRONG_POOLS: Wrong[] = [
  { what: 'a template of nobody', ...inTemplates, ...invalid({ module: '/srv/a.js' }, 'agent') },
  { what: 'a template that runs nothing', ...inTemplates, ...invalid({ agent: 'a' }, 'command') },
  { what: 'a template that runs two', ...inTemplates, ...invalid({ ...template, command: ['a'] }, 'command') },
  {
    what: 'a template that sets what the host sets',
    ...inTemplates,
    ...invalid({ ...template, env: { BRIKK_API_KEY: 'k' } }, 'env.BRIKK_API_KEY'),
  },
  {
    what: 'a template of ports in reverse',
    ...inTemplates,
    ...invalid({ ...template, ports: { from: 9_000, to: 8_000 } }, 'ports.to'),
  },
  { what: 'a recovery that there is not', ...inTemplates, ...invalid({ ...template, recovery: 'hope' }, 'recovery') },
  { what: 'a template of another kind', ...inTemplates, ...invalid({ ...template, kind: 'container' }, 'kind') },
  {
    what: 'a template with a blank in its name',
    ...inTemplates,
    path: '/v1/agent-templates/a%20b',
    ...invalid(template, 'name'),
  },
  missing('a template that there is not', '/v1/agent-templates/nothing', 'template.not_found'),
  missing('a template that there is not', '/v1/agent-templates/nothing', 'template.not_found', 'delete'),
  missing('a pool by a template that there is not', '/v1/pools/p', 'template.not_found', 'put', {
    template: 'nothing',
  }),
  { what: 'a pool by no template', ...inPools, ...invalid({}, 'template') },
  { what: 'a pool that is less than its least', ...inPools, ...invalid({ template: 't', min: 3, max: 2 }, 'max') },
  { what: 'a size out of bounds', ...inPools, ...invalid({ template: 't', max: 2, size: 3 }, 'size') },
  { what: 'a target of nothing', ...inPools, ...invalid({ template: 't', targetUtilisation: 0 }, 'targetUtilisation') },
  { what: 'steps of nothing', ...inPools, ...invalid({ template: 't', scaleUp: { step: 0 } }, 'scaleUp.step') },
  missing('a pool that there is not', '/v1/pools/nothing', 'pool.not_found'),
  missing('a pool that there is not', '/v1/pools/nothing', 'pool.not_found', 'delete'),
  missing('the size of a pool that there is not', '/v1/pools/nothing/scale', 'pool.not_found', 'post', { size: 1 }),
  { what: 'half a member', path: '/v1/pools/p/scale', ...invalid({ size: 0.5 }, 'size') },
];
