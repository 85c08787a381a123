import type { Json } from '../../contracts/json.js';
import { type WebAnswer, WebFailure } from './web.connector.js';

/** JSON parsed, text as it is, anything else in base64; null without a body. Fails with a WebFailure `invalid`. */
export function contentOf({ headers, bytes }: Pick<WebAnswer, 'headers' | 'bytes'>): Json {
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (bytes.length === 0) return null;
  if (/[/+]json$/.test(type)) {
    try {
      return JSON.parse(bytes.toString('utf8')) as Json;
    } catch (cause) {
      throw new WebFailure('invalid', 'the answer says that it is JSON, but is none', { cause });
    }
  }
  const isText = type === '' || type.startsWith('text/') || /[/+](xml|yaml)$|x-www-form-urlencoded$/.test(type);
  return isText ? bytes.toString('utf8') : bytes.toString('base64');
}
