import { expect, it } from '@jest/globals';
import { callOf, closing, createHouse, echo } from '../test/support/agent-house.js';
import { TEST_AUTHORITY, TEST_CLIENT } from '../test/support/certificates.js';
import { certifiedServer } from '../test/support/certified-server.js';

it('a call shows the certificate of its connection, and goes to another agent where that has none', async () => {
  const { agent, run, house } = createHouse();
  const server = await certifiedServer(() => ({ output: 'from afar' }));
  closing.push(server.close);
  const far = await agent('a-far', echo, { endpoint: server.url, clientCertificate: 'bank' });
  await agent('b-other', echo);
  house.certificates.set('bank', { kind: 'mtls', ...TEST_CLIENT, authorities: TEST_AUTHORITY });
  expect(await run({ calls: [callOf('one')] })).toMatchObject([
    { status: 'completed', output: { inline: 'from afar' } },
  ]);
  expect(server.shown).toEqual(['client POST /']);
  house.certificates.clear();
  expect(await run({ calls: [callOf('two')] })).toMatchObject([{ status: 'completed', agent: 'b-other' }]);
  expect([server.shown.length, far.requests.length]).toEqual([1, 0]);
});
