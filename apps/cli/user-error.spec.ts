import { describe, expect, it } from '@jest/globals';
import { explainFileError, UserError } from './user-error.js';

describe('an error of the file system', () => {
  it.each([
    ['EROFS', 'the file system is read-only; make it writable'],
    ['ENOSPC', 'the disk is full; free some space'],
    ['EACCES', 'permission is denied; make it yours'],
  ])('becomes a sentence with a remedy that fits: %s', (code, words) => {
    const explained = explainFileError(Object.assign(new Error('raw'), { code }), '/data');
    expect(explained).toBeInstanceOf(UserError);
    expect(explained).toHaveProperty(
      'message',
      `Cannot write to /data: ${words}, or choose another folder with BRIKK_HOME.`,
    );
  });

  it('passes on what it does not know', () => {
    const bug = new TypeError('x is undefined');
    expect(explainFileError(bug, '/data')).toBe(bug);
  });
});
