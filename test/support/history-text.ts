import type { History } from '@temporalio/common/lib/proto-utils.js';

/** A history as the engine keeps it, with its payloads as the text that they are. */
export const historyText = (history: History): string =>
  JSON.stringify(history).replaceAll(/"data":"([\w+/=]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
