import { describe, expect, it } from '@jest/globals';
import type { CatalogFunction } from '../../../sdk/client.js';
import { patternDetail, patternsTable } from './patterns.js';

const talk: CatalogFunction = {
  name: 'talk',
  kind: 'pattern',
  version: '1.0.0',
  description: 'People talk.',
  docs: 'docs/talk.md',
  with: {
    $ref: '#/$defs/TalkParams',
    $defs: {
      TalkParams: {
        type: 'object',
        properties: {
          mood: { default: 'calm', allOf: [{ $ref: '#/$defs/Mood' }] },
          people: { type: 'array', items: { type: 'object', properties: { name: {}, age: {} } } },
          until: { anyOf: [{ type: 'string' }, { const: false }] },
          note: {},
        },
        required: ['people'],
      },
      Mood: { enum: ['calm', 'loud'] },
    },
  },
  output: { description: 'The last word.' },
  example: { pattern: 'talk', with: { people: [{ name: 'Ada' }] } },
};

describe('what is printed of patterns', () => {
  it('is a line for each', () => {
    expect(patternsTable([talk])).toBe('PATTERN  WHAT IT DOES\ntalk     People talk.');
  });

  it('is what may be written, needed parameters first, and an example', () => {
    const text = patternDetail(talk);
    const lines = text.split('\n').map((line) => line.replace(/ {2,}/g, ' '));
    expect(lines.slice(0, 8)).toEqual([
      'talk: People talk.',
      'Read on in docs/talk.md',
      '',
      'PARAMETER DEFAULT TYPE',
      'people needed [{name, age}]',
      'mood "calm" "calm" | "loud"',
      'until string | false',
      'note any JSON',
    ]);
    expect(text).toContain('Output: The last word.');
    expect(text).toContain('"name": "Ada"');
  });
});
