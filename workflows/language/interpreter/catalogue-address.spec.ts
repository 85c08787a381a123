import { describe, expect, it } from '@jest/globals';
import { rawAddress } from './catalogue-address.js';

describe('the address of a catalogue', () => {
  it.each([
    ['https://tools.example.com/catalogue/', 'https://tools.example.com/catalogue'],
    ['https://github.com/owner/repo', 'https://raw.githubusercontent.com/owner/repo/main'],
    ['https://github.com/owner/repo/tree/v2/sub', 'https://raw.githubusercontent.com/owner/repo/v2/sub'],
    ['https://gitlab.com/owner/repo.git', 'https://gitlab.com/owner/repo/-/raw/main'],
    ['https://gitlab.com/owner/repo/-/tree/dev', 'https://gitlab.com/owner/repo/-/raw/dev'],
  ])('%s has its files at %s', (address, raw) => expect(rawAddress(address)).toBe(raw));
});
