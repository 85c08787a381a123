import { BrikkError } from '../../contracts/errors.js';
import type { FindUserWith } from '../../contracts/slack-functions.js';
import type { ConnectorAction, ConnectorTest } from '../lib/connector-action.js';
import { withSlack } from './slack-client.js';

export const findUser: ConnectorAction<FindUserWith> = {
  send: (call) =>
    withSlack(call, async (slack) => {
      const { user } = await slack.users.lookupByEmail({ email: call.with.email });
      if (user?.id === undefined) throw new BrikkError('connector.not_found', 'Slack knows nobody with this address');
      return { output: { id: user.id, name: user.name ?? user.id, realName: user.real_name ?? null } };
    }),
};

/** Slack answers 200 to whatever token; what it says tells. */
export const testSlack: ConnectorTest = (call) => withSlack(call, async (slack) => void (await slack.auth.test()));
