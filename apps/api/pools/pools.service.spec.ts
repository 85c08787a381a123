import { describe, expect, it } from '@jest/globals';
import { putAgentTemplateSchema } from '../../../contracts/pools.js';
import type { Database } from '../../../database/database.js';
import type { Caller } from '../common/request.js';
import { readSettings } from '../env.js';
import { PoolsService } from './pools.service.js';

const untouched = {
  inOrg: () => Promise.reject(new Error('the database was asked')),
} as unknown as Database;
const template = putAgentTemplateSchema.parse({ agent: 'a', command: ['/bin/true'] });

describe('templates of processes', () => {
  it.each([
    [{}, false],
    [{ BRIKK_POOLS: 'off', BRIKK_ENV: 'development' }, false],
    [{ BRIKK_ENV: 'development' }, true],
    [{ BRIKK_POOLS: 'on' }, true],
  ])('with %j may be made: %j; the refusal names the setting', async (environment, mayBe) => {
    const service = new PoolsService(untouched, readSettings({ DATABASE_APP_URL: 'postgres://x', ...environment }));
    const made = service.putTemplate({ orgId: 'o' } as Caller, 't', template);
    if (mayBe) await expect(made).rejects.toThrow('the database was asked');
    else
      await expect(made).rejects.toMatchObject({
        code: 'template.switched_off',
        message: expect.stringContaining('BRIKK_POOLS=on'),
      });
  });
});
