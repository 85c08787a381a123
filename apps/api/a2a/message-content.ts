import { Message, type Part, Role } from '@a2a-js/sdk';
import { ContentTypeNotSupportedError } from '@a2a-js/sdk/errors';
import type { Json } from '../../../contracts/json.js';
import { invalidField } from '../common/invalid-field.js';

export const MODES = ['text/plain', 'application/json'];
const MAX_ID = 255;

/** Fails `request.invalid` for a message that no client may send. */
export function checkMessage(message: Message | undefined): Message {
  if (!message) throw invalidField('message', 'is needed');
  const { messageId, contextId, role, parts } = message;
  if (messageId === '' || messageId.length > MAX_ID)
    throw invalidField('message.messageId', `must be 1 to ${MAX_ID} characters`);
  if (contextId.length > MAX_ID) throw invalidField('message.contextId', `must be at most ${MAX_ID} characters`);
  if (role !== Role.ROLE_USER) throw invalidField('message.role', 'must be ROLE_USER');
  if (parts.length === 0) throw invalidField('message.parts', 'must hold at least one part');
  const empty = parts.findIndex(({ content }) => content === undefined);
  if (empty >= 0) throw invalidField(`message.parts[${empty}]`, 'must hold text or data');
  return message;
}

/**
 * What a message says: one part of data as it is, text as one text, else the list of its texts and data. Fails
 * ContentTypeNotSupportedError for files and other media.
 */
export function contentOf({ parts }: Message): Json {
  const values = parts.map(valueOf);
  if (values.length === 1) return values[0] ?? null;
  return values.every((value) => typeof value === 'string') ? values.join('\n') : values;
}

function valueOf({ content, mediaType }: Part): Json {
  const isKnown = mediaType === '' || /^(text\/|application\/(.*\+)?json\b)/i.test(mediaType);
  if (isKnown && content?.$case === 'text') return content.value;
  if (isKnown && content?.$case === 'data') return (content.value ?? null) as Json;
  const given = mediaType === '' ? (content?.$case ?? 'none') : mediaType;
  throw new ContentTypeNotSupportedError({
    message: `A part is ${given}: this agent takes text and data (${MODES.join(', ')})`,
    metadata: { given, allowed: MODES.join(', ') },
  });
}

/** An output as the parts of an artifact. */
export const partsOf = (value: Json): Json[] =>
  typeof value === 'string'
    ? [{ text: value, mediaType: 'text/plain' }]
    : [{ data: value, mediaType: 'application/json' }];

/** As it is kept and shown again. */
export const messageJson = (message: Message): { messageId: string } & Record<string, Json> =>
  Message.toJSON(message) as { messageId: string } & Record<string, Json>;
