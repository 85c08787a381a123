import type { WebClient } from '@slack/web-api';
import { BrikkError } from '../../contracts/errors.js';
import type { UploadFileWith } from '../../contracts/slack-functions.js';
import type { ActionCall, ConnectorAction, Effect } from '../lib/connector-action.js';
import { channelOf } from './messages.action.js';
import { withSlack } from './slack-client.js';

const LISTED = 100;
const SKEW_S = 300;

/** Three requests, of which the last makes the file seen. It is found again by its name, size and time. */
export const uploadFile: ConnectorAction<UploadFileWith> = {
  lookup: (call) => withSlack(call, (slack) => findFile(slack, call)),
  send: (call) =>
    withSlack(call, async (slack) => {
      const { channel, filename, title = filename, comment, threadTs } = call.with;
      const bytes = contentOf(call.with);
      const { upload_url: url, file_id: id } = await slack.files.getUploadURLExternal({
        filename,
        length: bytes.length,
      });
      if (url === undefined || id === undefined)
        throw new BrikkError('connector.validation', 'Slack gave no place for the file');
      const { ok, status } = await call.fetch(url, { method: 'POST', body: new Uint8Array(bytes) });
      if (!ok) throw new Error(`the upload was answered ${status}`);
      const { files } = await slack.files.completeUploadExternal({
        files: [{ id, title }],
        channel_id: await channelOf(slack, channel),
        ...(comment !== undefined && { initial_comment: comment }),
        ...(threadTs !== undefined && { thread_ts: threadTs }),
      } as Parameters<WebClient['files']['completeUploadExternal']>[0]);
      return fileEffect(id, files?.[0]?.permalink);
    }),
};

async function findFile(
  slack: WebClient,
  { with: given, startedAt }: ActionCall<UploadFileWith>,
): Promise<Effect | undefined> {
  const channel = await channelOf(slack, given.channel);
  const from = Math.floor(startedAt.getTime() / 1_000) - SKEW_S;
  const { files = [] } = await slack.files.list({ channel, ts_from: String(from), count: LISTED });
  const { length } = contentOf(given);
  const found = files.find(
    ({ name, title, size, created = 0 }) =>
      name === given.filename && title === (given.title ?? given.filename) && size === length && created >= from,
  );
  return found?.id === undefined ? undefined : fileEffect(found.id, found.permalink);
}

const contentOf = ({ content, encoding }: UploadFileWith): Buffer => Buffer.from(content, encoding);

const fileEffect = (id: string, permalink: string | undefined): Effect => ({
  output: { id, permalink: permalink ?? null },
  externalId: id,
});
