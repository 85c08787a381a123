import type { AnyBlock, KnownBlock, WebClient } from '@slack/web-api';
import { BrikkError } from '../../contracts/errors.js';
import type { AskApprovalWith, PostMessageWith, UpdateMessageWith } from '../../contracts/slack-functions.js';
import type { ActionCall, ConnectorAction, Effect } from '../lib/connector-action.js';
import { effectMark } from '../lib/effect-mark.js';
import { withSlack } from './slack-client.js';

const EVENT_TYPE = 'brikk_effect';
/** How far back a message is looked for, in pages of 200; and how far clocks may differ. */
const LOOK_PAGES = 5;
const SKEW_S = 300;

type Place = Pick<PostMessageWith, 'channel' | 'threadTs'>;

/** Sent with a mark in its metadata, by which it is found again. */
function sending<With extends Place>(
  content: (given: With) => { text: string; blocks?: AnyBlock[] },
  extra = broadcastOf,
) {
  return {
    lookup: (call) => withSlack(call, (slack) => findMessage(slack, call)),
    send: (call) =>
      withSlack(call, async (slack) => {
        const { threadTs } = call.with;
        const { channel, ts } = await slack.chat.postMessage({
          channel: await channelOf(slack, call.with.channel),
          ...content(call.with),
          ...(threadTs !== undefined && { thread_ts: threadTs, ...extra(call.with) }),
          metadata: { event_type: EVENT_TYPE, event_payload: { key: effectMark(call.key) } },
        } as Parameters<WebClient['chat']['postMessage']>[0]);
        return messageEffect(channel, ts);
      }),
  } satisfies ConnectorAction<With>;
}

const broadcastOf = ({ broadcast }: Partial<PostMessageWith>) => (broadcast === true ? { reply_broadcast: true } : {});

export const postMessage: ConnectorAction<PostMessageWith> = sending(({ text, blocks }) => ({
  text,
  ...(blocks && { blocks: blocks as unknown as AnyBlock[] }),
}));

export const askApproval: ConnectorAction<AskApprovalWith> = sending(({ text, about, choices }) => ({
  text,
  blocks: [
    { type: 'section', text: { type: 'mrkdwn', text } },
    {
      type: 'actions',
      elements: choices.map(({ value, label, style }) => ({
        type: 'button',
        action_id: `brikk.${value}`,
        text: { type: 'plain_text', text: label },
        value: JSON.stringify({ about, choice: value }),
        ...(style && { style }),
      })),
    },
  ] as KnownBlock[],
}));

/** The same text once more changes nothing. */
export const updateMessage: ConnectorAction<UpdateMessageWith> = {
  send: (call) =>
    withSlack(call, async (slack) => {
      const { channel, ts, text, blocks } = call.with;
      const answer = await slack.chat.update({
        channel: await channelOf(slack, channel),
        ts,
        text,
        ...(blocks && { blocks: blocks as unknown as AnyBlock[] }),
      });
      return messageEffect(answer.channel, answer.ts);
    }),
};

async function findMessage(
  slack: WebClient,
  { with: given, key, startedAt }: ActionCall<Place>,
): Promise<Effect | undefined> {
  const channel = await channelOf(slack, given.channel);
  const mark = effectMark(key);
  const oldest = String(Math.floor(startedAt.getTime() / 1_000) - SKEW_S);
  let cursor: string | undefined;
  for (let page = 0; page < LOOK_PAGES; page += 1) {
    const range = { channel, oldest, limit: 200, include_all_metadata: true, ...(cursor && { cursor }) };
    const { messages = [], response_metadata: more } =
      given.threadTs === undefined
        ? await slack.conversations.history(range)
        : await slack.conversations.replies({ ...range, ts: given.threadTs });
    const found = messages.find(({ metadata }) => {
      const { key: left } = (metadata?.event_payload ?? {}) as { key?: string };
      return metadata?.event_type === EVENT_TYPE && left === mark;
    });
    if (found) return messageEffect(channel, found.ts);
    cursor = more?.next_cursor;
    if (!cursor) return undefined;
  }
  throw new BrikkError(
    'connector.conflict',
    `whether the message was sent is not known: too much was said in ${channel}`,
  );
}

/** A person is written to in the conversation with them. */
export async function channelOf(slack: WebClient, id: string): Promise<string> {
  if (!/^[UW]/.test(id)) return id;
  const { channel } = await slack.conversations.open({ users: id });
  return channel?.id ?? id;
}

function messageEffect(channel: string | undefined, ts: string | undefined): Effect {
  if (channel === undefined || ts === undefined)
    throw new BrikkError('connector.validation', 'Slack did not name the message');
  return { output: { channel, ts }, externalId: `${channel}/${ts}` };
}
