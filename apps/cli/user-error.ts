/**
 * Something the person at the terminal can put right. The message is one sentence that says what is wrong
 * and what to do; the command line prints it alone, without a stack.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
}

const SYSTEM_REASONS: Record<string, readonly [reason: string, remedy: string]> = {
  EACCES: ['permission is denied', 'make it yours'],
  EPERM: ['permission is denied', 'make it yours'],
  EROFS: ['the file system is read-only', 'make it writable'],
  ENOSPC: ['the disk is full', 'free some space'],
  EDQUOT: ['the disk quota is used up', 'free some space'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'move the file'],
  ENOENT: ['no folder can be made there', 'correct the path'],
  EEXIST: ['a file has that name', 'move the file'],
  EMFILE: ['too many files are open', 'raise the limit (ulimit -n)'],
};

/** Turns an error of the operating system about `path` into a sentence; passes any other error on unchanged. */
export function explainFileError(error: unknown, path: string): unknown {
  const known = SYSTEM_REASONS[errorCode(error) ?? ''];
  if (!known) return error;
  const [reason, remedy] = known;
  return new UserError(`Cannot write to ${path}: ${reason}; ${remedy}, or choose another folder with BRIKK_HOME.`, {
    cause: error,
  });
}

/** The `code` that Node puts on errors of the operating system, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
