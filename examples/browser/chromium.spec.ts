import { describe, expect, it } from '@jest/globals';
import { findChromium } from './chromium.js';

describe('the local Chromium', () => {
  const everywhere = () => true;

  it('is the one that is named, and no other where that one is missing', () => {
    expect(findChromium({ BRIKK_CHROMIUM: '/mine', CHROME_PATH: '/theirs' }, everywhere)).toBe('/mine');
    expect(findChromium({ CHROME_PATH: '/theirs' }, everywhere)).toBe('/theirs');
    expect(findChromium({ BRIKK_CHROMIUM: '/mine' }, (path) => path !== '/mine')).toBeUndefined();
  });

  it('is the first at a usual place unless one is named', () => {
    const first = findChromium({}, everywhere);
    expect(first).toMatch(/chrom/i);
    expect(findChromium({}, (path) => path !== first)).not.toBe(first);
    expect(findChromium({}, () => false)).toBeUndefined();
  });
});
