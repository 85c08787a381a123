import { StringDecoder } from 'node:string_decoder';

/** The data of each event of a stream (`text/event-stream` of the HTML standard); comments and other fields are skipped. */
export async function* eventData(body: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const chunk of body) {
    text += decoder.write(chunk);
    const events = text.split(/\r\n\r\n|\n\n|\r\r/);
    text = events.pop() ?? '';
    for (const event of events) yield* dataOf(event);
  }
  yield* dataOf(text + decoder.end());
}

function dataOf(event: string): string[] {
  const lines = event.split(/\r\n|\n|\r/).flatMap((line) => {
    const match = /^data(?:: ?(.*))?$/.exec(line);
    return match ? [match[1] ?? ''] : [];
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}
