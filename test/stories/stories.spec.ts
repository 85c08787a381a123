import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { storyText } from '../../apps/cli/commands/story-output.js';
import type { RunEvent } from '../../contracts/events.js';
import { emptyStory, reduceStory, tellRun } from '../../contracts/story/story.js';

const read = (file: string) => readFileSync(path.join(import.meta.dirname, file), 'utf8');
const names = readdirSync(import.meta.dirname).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? []);
const eventsOf = (name: string) => JSON.parse(read(`${name}.json`)) as RunEvent[];

describe('the story of a recorded run', () => {
  it.each(names)('of %s is told as it was read and found right', (name) => {
    expect(`${storyText(tellRun(eventsOf(name)).lines)}\n`).toBe(read(`${name}.txt`));
  });

  it.each(names)('of %s is the same told live, event by event, however often one comes', (name) => {
    let story = emptyStory;
    for (const event of eventsOf(name)) {
      const before = story.lines;
      story = reduceStory(reduceStory(story, event), event);
      expect(story.lines.slice(0, before.length)).toEqual(before);
    }
    expect(story).toEqual(tellRun(eventsOf(name)));
  });
});
