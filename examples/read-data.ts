import { readFileSync } from 'node:fs';

/** A JSON file of `examples/data`, beside the sources as beside the build. */
export function readData<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`data/${name}.json`, import.meta.url), 'utf8')) as Content;
}
